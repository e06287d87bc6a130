"""The published schemas are those of the code, and the shipped settings follow them."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from workbook.batch.schemas import FOLDER, schemas

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_published_schema_is_the_code_s(name):
    assert (ROOT / FOLDER / name).read_text(encoding="utf-8") == schemas()[name], "run `make schemas`"


@pytest.mark.parametrize("path", sorted((ROOT / "params").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_settings_follow_the_schema(path):
    import json

    settings = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
    jsonschema.validate(settings, json.loads(schemas()["params.schema.json"]))
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../docs/schemas/params.schema.json\n")
