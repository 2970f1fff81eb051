"""Reads clouds.yaml files with openstacksdk. Input: a JSON list of [clouds, secure or null, region]. Output: a JSON list."""

import json
import sys
import warnings

import openstack.config

warnings.simplefilter("ignore")


def read(clouds, secure, region):
    config = openstack.config.OpenStackConfig(
        config_files=[clouds], secure_files=[secure] if secure else [], vendor_files=[], load_envvars=False
    )
    cloud = config.get_one(cloud="c", **({"region_name": region} if region else {}))
    verify, _ = cloud.get_requests_verify_args()
    auth = cloud.config["auth"]
    return {
        "region": cloud.region_name,
        "authType": cloud.config["auth_type"],
        "authUrl": auth.get("auth_url"),
        "user": auth.get("user_id") or auth.get("username"),
        "userDomain": auth.get("user_domain_id") or auth.get("user_domain_name"),
        "project": auth.get("project_id") or auth.get("project_name"),
        "projectDomain": auth.get("project_domain_id") or auth.get("project_domain_name"),
        "token": auth.get("token"),
        "verify": verify,
    }


results = []
for case in json.load(sys.stdin):
    try:
        results.append(read(*case))
    except Exception as error:  # Each refusal has a class of its own.
        results.append({"error": f"{type(error).__name__}: {error}"})
json.dump(results, sys.stdout)
