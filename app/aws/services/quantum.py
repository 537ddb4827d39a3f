"""Quantum technologies: devices and the tasks on them."""

from app.aws.services.category import CategoryService

QuantumService = CategoryService("quantum-technologies")
