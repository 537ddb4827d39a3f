"""Management and governance: CloudWatch."""

from app.aws.services.category import CategoryService

ManagementService = CategoryService("management-and-governance")
