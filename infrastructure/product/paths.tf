# Who may speak to whom inside the network. Into database and cache: modules/database and
# modules/cache; here is the other side of it, and the load balancer's way to the API.

locals {
  inside = merge([
    for name in ["api", "worker-read", "worker-mutate", "beat", "tasks"] : {
      "${name}-database" = { from = local.clients[name], to = module.database.security_group_id, port = 5432 }
      "${name}-cache"    = { from = local.clients[name], to = module.cache.security_group_id, port = 6379 }
    }
  ]...)
}

resource "aws_vpc_security_group_egress_rule" "inside" {
  for_each                     = local.inside
  security_group_id            = each.value.from
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.to
  tags                         = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = module.balancer.security_group_id
  description                  = "The API"
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
  referenced_security_group_id = module.api.security_group_id
  tags                         = { Name = "${local.name}-balancer-api" }
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id            = module.api.security_group_id
  description                  = "The load balancer"
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
  referenced_security_group_id = module.balancer.security_group_id
  tags                         = { Name = "${local.name}-balancer-api" }
}
