"""Application integration: queues and topics."""

from app.aws.services.category import CategoryService

ApplicationIntegrationService = CategoryService("application-integration")
