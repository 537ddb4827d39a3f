"""End-user computing: desktops and streamed applications."""

from app.aws.services.category import CategoryService

EndUserComputingService = CategoryService("end-user-computing")
