"""Business applications: contact centres, mail, meetings, partners."""

from app.aws.services.category import CategoryService

BusinessApplicationsService = CategoryService("business-applications")
