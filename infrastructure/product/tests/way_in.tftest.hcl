# The way in, the network, and what is told of it.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  name        = "cloudrota-test"
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1", "subnet-2"]
  domain      = "rota.example.com"
  zone_id     = "Z0EXAMPLE"
  log_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_days    = 90
}

run "balancer" {
  command = plan

  module {
    source = "../modules/balancer"
  }

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    web_acl_arn     = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/1"
    log_bucket      = "logs"
    port            = 8000
    is_protected    = true
  }

  assert {
    condition     = aws_lb.this.internal && aws_vpc_security_group_ingress_rule.cloudfront.cidr_ipv4 == null
    error_message = "The load balancer has no address in the Internet and takes CloudFront's requests alone."
  }

  assert {
    condition     = aws_lb_listener.this.protocol == "HTTPS" && strcontains(aws_lb_listener.this.ssl_policy, "TLS13-1-2")
    error_message = "The load balancer takes TLS 1.2 or newer."
  }

  assert {
    condition     = aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields && aws_lb.this.access_logs[0].enabled
    error_message = "The load balancer is protected, keeps a log and drops headers that are none."
  }

  assert {
    condition     = aws_lb_target_group.this.health_check[0].path == "/readyz"
    error_message = "Requests go to tasks that are ready, which before a migration none is."
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this.web_acl_arn == var.web_acl_arn
    error_message = "The firewall stands before the load balancer."
  }
}

run "console" {
  command = plan

  module {
    source = "../modules/console"
  }

  variables {
    bucket_name     = "cloudrota-test-console"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    web_acl_arn     = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1"
    balancer        = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/1", domain = "internal-a.example" }
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].target_origin_id == "api"
    error_message = "Page and API come from the API: the page bears a nonce of its own each time."
  }

  assert {
    condition = {
      for one in aws_cloudfront_distribution.this.ordered_cache_behavior : one.path_pattern => one.target_origin_id
    } == { "/assets/*" = "assets" }
    error_message = "Nothing but the console's code comes from the bucket."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "People come by TLS 1.2 or newer."
  }

  assert {
    condition     = aws_cloudfront_vpc_origin.this.vpc_origin_endpoint_config[0].origin_protocol_policy == "https-only"
    error_message = "CloudFront asks the load balancer by TLS."
  }
}

run "firewall" {
  command = plan

  module {
    source = "../modules/firewall"
  }

  variables {
    scope                = "REGIONAL"
    managed              = { AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"] }
    requests_per_address = 1000
  }

  assert {
    condition     = toset([for one in aws_wafv2_web_acl.this.rule : one.name]) == toset(["rate", "AWSManagedRulesCommonRuleSet"])
    error_message = "The firewall has the rules that are asked for."
  }

  assert {
    condition = flatten([
      for one in aws_wafv2_web_acl.this.rule : one.statement[0].managed_rule_group_statement[0].rule_action_override[*].name if one.name != "rate"
    ]) == ["SizeRestrictions_BODY"]
    error_message = "What is named of a group is counted and not refused."
  }

  assert {
    condition = toset(flatten([
      for one in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : one.single_header[*].name
    ])) == toset(["authorization", "cookie"])
    error_message = "The firewall's log must not hold what people sign in with."
  }
}

run "firewall_refuses_what_cannot_be_meant" {
  command = plan

  module {
    source = "../modules/firewall"
  }

  variables {
    scope                = "GLOBAL"
    managed              = {}
    requests_per_address = 1
  }

  expect_failures = [var.scope, var.requests_per_address]
}

run "network" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    cidr             = "10.20.0.0/16"
    zones            = ["eu-central-1a", "eu-central-1b"]
    nat_in_each_zone = false
  }

  assert {
    condition = alltrue([
      for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.data)) : !subnet.map_public_ip_on_launch
    ])
    error_message = "Nothing has a public address unless it asks for one."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1
    error_message = "One way out is shared."
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.this)) == toset(["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"])
    error_message = "What is asked of the own account stays in the network."
  }

  assert {
    condition = length(distinct(concat(
      values(aws_subnet.public)[*].cidr_block, values(aws_subnet.private)[*].cidr_block, values(aws_subnet.data)[*].cidr_block,
    ))) == 6
    error_message = "Subnets do not overlap."
  }
}

run "network_refuses_what_cannot_be_meant" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    cidr             = "10.20.0.0/28"
    zones            = ["eu-central-1a"]
    nat_in_each_zone = true
  }

  expect_failures = [var.cidr, var.zones]
}

run "observability" {
  command = plan

  module {
    source = "../modules/observability"
  }

  variables {
    cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/cloudrota-test"
    emails      = ["operator@example.com"]
    key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/22222222-2222-2222-2222-222222222222"
    alarms = {
      low = { description = "Too low", namespace = "a", metric = "b", dimensions = {}, below = 5, minutes = 3 }
    }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["low"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.this["low"].threshold == 5
    error_message = "An alarm watches the side of the threshold that is named."
  }

  assert {
    condition     = toset(aws_cloudwatch_metric_alarm.this["low"].alarm_actions) == toset([aws_sns_topic.this.arn])
    error_message = "An alarm is told."
  }
}

run "observability_refuses_alarms_that_nobody_hears" {
  command = plan

  module {
    source = "../modules/observability"
  }

  variables {
    cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/cloudrota-test"
    emails      = []
    key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/22222222-2222-2222-2222-222222222222"
    alarms      = { both = { description = "Both", namespace = "a", metric = "b", dimensions = {}, above = 1, below = 5, minutes = 3 } }
  }

  expect_failures = [var.emails, var.alarms]
}
