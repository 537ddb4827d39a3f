"""`cloudrota`, the operator's command line: each command calls one rule and tells."""
