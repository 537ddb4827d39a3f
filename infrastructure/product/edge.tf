# The way in: firewall, CloudFront, firewall, load balancer, API.

module "certificate" {
  source    = "../modules/certificate"
  providers = { aws = aws, aws.edge = aws.edge }

  domain  = var.domain
  zone_id = var.zone_id
}

# Here requests still have the addresses of those who ask.
module "edge_firewall" {
  source    = "../modules/firewall"
  providers = { aws = aws.edge }

  name                 = "${local.name}-edge"
  scope                = "CLOUDFRONT"
  managed              = { AWSManagedRulesAmazonIpReputationList = [] }
  requests_per_address = var.size.requests_per_address
  log_key_arn          = module.edge_log_key.arn
  log_days             = var.size.log_days
}

module "firewall" {
  source = "../modules/firewall"

  name        = local.name
  scope       = "REGIONAL"
  log_key_arn = module.log_key.arn
  log_days    = var.size.log_days
  # What people type may look like anything: expressions over what AWS answers, addresses
  # of webhooks, names and tags of resources. The product takes it as text (bound
  # parameters, text nodes, its own transport for addresses) and says what is wrong with
  # it; a refusal from here would say nothing. So what is in bodies and queries is
  # counted and logged, not refused.
  managed = {
    AWSManagedRulesCommonRuleSet = [
      "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "CrossSiteScripting_QUERYARGUMENTS", "EC2MetaDataSSRF_BODY",
      "GenericLFI_BODY", "GenericLFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_QUERYARGUMENTS",
    ]
    AWSManagedRulesKnownBadInputsRuleSet = []
    AWSManagedRulesSQLiRuleSet = [
      "SQLi_BODY", "SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_BODY", "SQLiExtendedPatterns_QUERYARGUMENTS",
    ]
  }
}

module "balancer_logs" {
  source = "../modules/bucket"

  name         = "${local.name}-${local.account}-logs"
  is_versioned = true
  expire_days  = var.size.log_days
  more_policy  = [data.aws_iam_policy_document.balancer_logs.json]
}

data "aws_iam_policy_document" "balancer_logs" {
  statement {
    sid       = "BalancersWrite"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::${local.name}-${local.account}-logs/balancer/AWSLogs/${local.account}/*"]
    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }
  }
}

module "balancer" {
  source = "../modules/balancer"

  name            = local.name
  vpc_id          = module.network.vpc_id
  subnet_ids      = module.network.private_subnet_ids
  certificate_arn = module.certificate.region_arn
  web_acl_arn     = module.firewall.arn
  log_bucket      = module.balancer_logs.name
  port            = 8000
  is_protected    = local.is_protected
}

module "console" {
  source = "../modules/console"

  name            = local.name
  domain          = var.domain
  zone_id         = var.zone_id
  bucket_name     = "${local.name}-${local.account}-console"
  certificate_arn = module.certificate.edge_arn
  web_acl_arn     = module.edge_firewall.arn
  balancer        = { arn = module.balancer.arn, domain = module.balancer.domain }
}
