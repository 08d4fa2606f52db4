# What Terraform is asked to make at `slp local`: a function with its role, and an API before it.

variable "endpoint" { type = string }
variable "greeting" { type = string }

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                  = "us-east-1"
  access_key              = "test"
  secret_key              = "test"
  skip_metadata_api_check = true
  endpoints {
    apigateway     = var.endpoint
    cloudwatchlogs = var.endpoint
    iam            = var.endpoint
    lambda         = var.endpoint
    sts            = var.endpoint
  }
}

data "aws_caller_identity" "me" {}

resource "aws_iam_role" "run" {
  name = "walk-tf"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  tags = { made-by = "terraform" }
}

resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.run.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }]
  })
}

resource "aws_cloudwatch_log_group" "logs" {
  name              = "/aws/lambda/walk-tf"
  retention_in_days = 7
}

resource "aws_lambda_function" "hello" {
  function_name    = "walk-tf"
  role             = aws_iam_role.run.arn
  runtime          = "nodejs20.x"
  handler          = "index.hello"
  filename         = "${path.module}/code.zip"
  source_code_hash = filebase64sha256("${path.module}/code.zip")
  environment {
    variables = { GREETING = var.greeting }
  }
  depends_on = [aws_cloudwatch_log_group.logs]
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.hello.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*/*"
}

resource "aws_api_gateway_rest_api" "api" {
  name = "walk-tf"
}

resource "aws_api_gateway_resource" "hello" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "hello"
}

resource "aws_api_gateway_method" "hello" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.hello.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "hello" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_resource.hello.id
  http_method             = aws_api_gateway_method.hello.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.hello.invoke_arn
}

resource "aws_api_gateway_deployment" "now" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  depends_on  = [aws_api_gateway_integration.hello]
  lifecycle { create_before_destroy = true }
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.now.id
  stage_name    = "live"
  variables     = { colour = "green" }
}

output "account" { value = data.aws_caller_identity.me.account_id }
output "path" { value = "/_aws/execute-api/${aws_api_gateway_rest_api.api.id}/live/hello" }
