"""Game tech: fleets and the games on them."""

from app.aws.services.category import CategoryService

GameTechService = CategoryService("game-tech")
