"""Customer enablement: support cases and what helps with them."""

from app.aws.services.category import CategoryService

CustomerEnablementService = CategoryService("customer-enablement")
