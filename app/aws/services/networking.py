"""Networking and content delivery: VPCs, gateways, load balancers, DNS, CDN, APIs."""

from app.aws.services.category import CategoryService

NetworkingService = CategoryService("networking-and-content-delivery")
