"""Migration and transfer: what is moved to AWS, and how far it has come."""

from app.aws.services.category import CategoryService

MigrationService = CategoryService("migration-and-transfer")
