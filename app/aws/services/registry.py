"""Finds the category service that a unit belongs to."""

from app.aws.services.analytics import AnalyticsService
from app.aws.services.application_integration import ApplicationIntegrationService
from app.aws.services.blockchain import BlockchainService
from app.aws.services.business_applications import BusinessApplicationsService
from app.aws.services.category import CategoryService, category_of
from app.aws.services.compute import ComputeService
from app.aws.services.containers import ContainersService
from app.aws.services.cost_management import CostManagementService
from app.aws.services.customer_enablement import CustomerEnablementService
from app.aws.services.database import DatabaseService
from app.aws.services.developer_tools import DeveloperToolsService
from app.aws.services.end_user_computing import EndUserComputingService
from app.aws.services.front_end import FrontEndService
from app.aws.services.game_tech import GameTechService
from app.aws.services.internet_of_things import InternetOfThingsService
from app.aws.services.machine_learning import MachineLearningService
from app.aws.services.management import ManagementService
from app.aws.services.media import MediaService
from app.aws.services.migration import MigrationService
from app.aws.services.networking import NetworkingService
from app.aws.services.quantum import QuantumService
from app.aws.services.satellite import SatelliteService
from app.aws.services.security import SecurityService
from app.aws.services.storage import StorageService
from app.aws.unit import Unit

CATEGORY_SERVICES: tuple[CategoryService, ...] = (
    AnalyticsService,
    ApplicationIntegrationService,
    BlockchainService,
    BusinessApplicationsService,
    ComputeService,
    ContainersService,
    CostManagementService,
    CustomerEnablementService,
    DatabaseService,
    DeveloperToolsService,
    EndUserComputingService,
    FrontEndService,
    GameTechService,
    InternetOfThingsService,
    MachineLearningService,
    ManagementService,
    MediaService,
    MigrationService,
    NetworkingService,
    QuantumService,
    SatelliteService,
    SecurityService,
    StorageService,
)
_BY_CATEGORY = {service.category: service for service in CATEGORY_SERVICES}


def service_for(unit: Unit) -> CategoryService:
    """Who lists or checks this unit; raises UnknownService, UnknownOperation or
    UnknownCheck."""
    return _BY_CATEGORY[category_of(unit)]
