output "product" {
  description = "What the steps of a deployment need: infrastructure/README.md."
  value       = module.product
}
