"""Satellite: ground stations and contacts with them."""

from app.aws.services.category import CategoryService

SatelliteService = CategoryService("satellite")
