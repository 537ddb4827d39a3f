"""Blockchain: networks and their accessors."""

from app.aws.services.category import CategoryService

BlockchainService = CategoryService("blockchain")
