"""How a file is written that passes: typed, as Parquet, or as text in lines."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Written:
    """What the account says of it. header_line: the line of the headings, below which the rows begin; 0: typed, without such a line.

    date_styles: of headings whose days are written otherwise than in ISO's way.
    """

    encoding: str = "typed"
    delimiter: str = ""
    header_line: int = 0
    decimal: str = "dot"
    date_styles: dict[str, str] = field(default_factory=dict)

    @property
    def is_typed(self) -> bool:
        """Tell whether the file's own types say what its cells are."""
        return not self.header_line
