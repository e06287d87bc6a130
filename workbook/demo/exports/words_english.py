"""The words of the English Salesforce organisation."""

STAGES = {"Closed won": "Closed Won", "Closed lost": "Closed Lost", "No decision": "No Decision"}
TYPES = {"new": "New Customer", "expansion": "Existing Customer"}
LEAD_STATES = {"open": "Open - Not Contacted", "working": "Working - Contacted", "converted": "Qualified",
               "rejected": "Unqualified"}  # fmt: skip
HEADERS = {
    "opportunity_id": "Opportunity ID", "name": "Opportunity Name", "account": "Account Name", "type": "Type",
    "stage": "Stage", "currency": "Amount Currency", "amount": "Amount", "close": "Close Date",
    "probability": "Probability (%)", "created": "Created Date", "activity": "Last Activity",
    "source": "Lead Source",
    "owner": "Opportunity Owner", "age": "Age", "next_step": "Next Step", "fiscal": "Fiscal Period",
    "competitor": "Competitor", "reason": "Closed Lost Reason",
    "lead_id": "Lead ID", "company": "Company / Account", "mail": "Email", "lead_source": "Lead Source",
    "lead_owner": "Lead Owner", "state": "Lead Status", "lead_created": "Create Date",
    "converted": "Converted Date", "lead_amount": "Opportunity Amount",
    "account_id": "Account ID", "account_name": "Account Name", "parent": "Parent Account",
    "industry": "Industry",
    "employees": "Employees", "revenue": "Annual Revenue", "city": "Billing City",
    "country": "Billing Country",
}  # fmt: skip
