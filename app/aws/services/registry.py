"""Finds the category service that a unit belongs to."""

from app.aws.services.analytics import AnalyticsService
from app.aws.services.application_integration import ApplicationIntegrationService
from app.aws.services.category import CategoryService, category_of
from app.aws.services.compute import ComputeService
from app.aws.services.containers import ContainersService
from app.aws.services.database import DatabaseService
from app.aws.services.management import ManagementService
from app.aws.services.networking import NetworkingService
from app.aws.services.security import SecurityService
from app.aws.services.storage import StorageService
from app.aws.unit import Unit

CATEGORY_SERVICES: tuple[CategoryService, ...] = (
    AnalyticsService,
    ApplicationIntegrationService,
    ComputeService,
    ContainersService,
    DatabaseService,
    ManagementService,
    NetworkingService,
    SecurityService,
    StorageService,
)
_BY_CATEGORY = {service.category: service for service in CATEGORY_SERVICES}


def service_for(unit: Unit) -> CategoryService:
    """Who lists or checks this unit; raises UnknownService, UnknownOperation or
    UnknownCheck."""
    return _BY_CATEGORY[category_of(unit)]
