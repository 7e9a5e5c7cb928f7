"""Rules for the output of the SAM transform, which make releases safe."""

import re

ALIAS = "live"
# Resources that may refer to a function without its alias: those that create the alias, that test a release before it
# has one, and metrics.
WITHOUT_ALIAS = {
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "Custom::Bootstrap",
}
# Properties of a function, not of its versions.
UNVERSIONED = {"ReservedConcurrentExecutions"}


def texts(value):
    """Every name that a value refers to, by any intrinsic function: `Name` or `Name.Attribute`."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref":
            yield item
        elif key == "Fn::GetAtt":
            yield item if isinstance(item, str) else ".".join(item)
        elif key == "Fn::Sub":
            text = item if isinstance(item, str) else item[0]
            # A function's ARN followed by the alias is the alias's ARN.
            yield from re.findall(r"\$\{([^}!]+)\}(?!:" + ALIAS + r"\b)", text)
            yield from texts(item)
        elif key in ("Fn::If", "Condition") and item:
            yield f"condition {item if isinstance(item, str) else item[0]}"
            yield from texts(item)
        else:
            yield from texts(item)


def parameters_of(value, template):
    """Parameters that a value depends on, directly or through conditions."""
    found = set()
    for name in texts(value):
        if name.startswith("condition "):
            found |= parameters_of(template["Conditions"].get(name.removeprefix("condition ")), template)
        elif name in template["Parameters"]:
            found.add(name)
    return found


def invoking(value):
    """A value without policy statements other than permissions to invoke."""
    if isinstance(value, list):
        return [invoking(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Effect" in value and "lambda:InvokeFunction" not in value.get("Action", []):
        return {}
    return {key: invoking(item) for key, item in value.items()}


def taken(value, is_made):
    """Evaluates a choice by a condition."""
    if "Fn::If" not in value:
        return value
    condition, yes, no = value["Fn::If"]
    return yes if is_made({"Condition": condition}) else no


def of_type(template, *types):
    return {name: each for name, each in template["Resources"].items() if each["Type"] in types}


def problems(template, is_made):
    """`template`: output of the transform. `is_made(resource)`: whether its condition holds."""
    functions = of_type(template, "AWS::Lambda::Function")
    versions = of_type(template, "AWS::Lambda::Version")
    aliases = of_type(template, "AWS::Lambda::Alias")
    if not functions:
        return
    for name, each in template["Resources"].items():
        if each["Type"] in WITHOUT_ALIAS:
            continue
        bare = {reference.split(".")[0] for reference in texts(invoking(each))} & set(functions)
        for function in sorted(bare):
            yield f"{name} knows {function} without its alias"
    for name in functions:
        if not any(each["Properties"]["FunctionName"] == {"Ref": name} for each in aliases.values()):
            yield f"{name} has no alias"

    for name, each in of_type(template, "AWS::Scheduler::Schedule").items():
        target = each["Properties"]["Target"]
        role = target["RoleArn"]["Fn::GetAtt"][0]
        allowed = [
            statement["Resource"]
            for policy in of_type(template, "AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Properties"]["Roles"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Action"] == "lambda:InvokeFunction"
        ]
        if target["Arn"] not in allowed:
            yield f"{name} may not invoke its target"
        if "Name" in each["Properties"]:
            yield f"{name} has a name that every stack would give it"

    bootstrap = template["Resources"]["Bootstrap"]["Properties"]
    for name, each in functions.items():
        own = {key: value for key, value in each["Properties"].items() if key not in UNVERSIONED}
        for parameter in sorted(parameters_of(own, template) - parameters_of(bootstrap, template)):
            yield f"{name} is made of {parameter}, which Bootstrap does not list: a change would not be published"
    for name, each in versions.items():
        if each["Properties"].get("Description") != {"Fn::GetAtt": ["Bootstrap", "Configuration"]}:
            yield f"{name} does not wait for Bootstrap"
        if each["DeletionPolicy"] != "Delete":
            yield f"{name} would stay for ever"

    alarms = {name for name, each in of_type(template, "AWS::CloudWatch::Alarm").items() if is_made(each)}
    groups = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
    for name, each in aliases.items():
        policy = each.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
        if (policy is not None) != bool(alarms):
            yield f"{name}: alarms are there for gradual deployments, and for no others"
        if policy is None:
            continue
        group = groups[policy["DeploymentGroupName"]["Ref"]]["Properties"]
        watched = taken(group["AlarmConfiguration"], is_made).get("Alarms", [])
        if {alarm["Name"]["Ref"] for alarm in watched} != alarms:
            yield f"{name}: not every alarm stops its deployment"
        if "DEPLOYMENT_STOP_ON_ALARM" not in group["AutoRollbackConfiguration"]["Events"]:
            yield f"{name}: an alarm doesn't bring the release before back"
        if not is_made(template["Resources"][taken(group["ServiceRoleArn"], is_made)["Fn::GetAtt"][0]]):
            yield f"{name}: CodeDeploy has no role"
