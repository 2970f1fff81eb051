"""A connection of python-otcextensions, by the settings of a connection of ours."""

import openstack
from otcextensions import sdk


def connect(settings):
    # The catalogue lists CTS without the type that it looks for.
    base = settings["authUrl"].removesuffix("/v3") + "/" + settings["region"]
    connection = openstack.connect(
        ctsv3_endpoint_override=base + "/v3/%(project_id)s",
        region_name=settings["region"],
        auth={
            "auth_url": settings["authUrl"],
            "username": settings["userName"],
            "password": settings["password"],
            "user_domain_name": settings["domainName"],
            "project_name": settings["projectName"],
            "project_domain_name": settings["domainName"],
        },
    )
    sdk.register_otc_extensions(connection)
    return connection
