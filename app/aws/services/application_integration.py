"""Application integration: queues, topics, buses, state machines."""

from app.aws.services.category import CategoryService

ApplicationIntegrationService = CategoryService("application-integration")
