"""Management and governance: alarms, stacks, trails, rules."""

from app.aws.services.category import CategoryService

ManagementService = CategoryService("management-and-governance")
