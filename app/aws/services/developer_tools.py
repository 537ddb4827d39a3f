"""Developer tools: repositories, builds, pipelines."""

from app.aws.services.category import CategoryService

DeveloperToolsService = CategoryService("developer-tools")
