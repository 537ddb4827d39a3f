"""Cloud financial management: budgets, bills, savings."""

from app.aws.services.category import CategoryService

CostManagementService = CategoryService("cloud-financial-management")
