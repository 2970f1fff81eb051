/**
 * The operations that most alarms are about, under every name that a guide gives them. Guides of Open Telekom Cloud and its
 * sister clouds spell types and names differently, and an alarm misses the spellings that it does not list.
 *
 * `@see` names the guides of each helper: "user guide" is today's (github.com/opentelekomcloud-docs), "Swiss guide" that of
 * the Swiss cloud (github.com/opentelekomcloud-docs-swiss), "guides of 2020" are in github.com/opentelekomcloud/docs, and
 * "Huawei's guide" is at support.huaweicloud.com. `test/fixtures/keyOperations.csv` has the page of each name.
 */

/** Operations of one kind of resource, as {@link KeyEventNotificationArgs.operations} takes them. */
export interface EventOperations {
  /** The acronym of the service, in capitals. */
  readonly serviceType: string;
  /** The kind of resource, as traces name it. */
  readonly resourceType: string;
  /** The names of the operations: at least one. */
  readonly traceNames: string[];
}

function of(
  serviceType: string,
  resourceType: string,
  ...traceNames: [string, ...string[]]
): EventOperations {
  return { serviceType, resourceType, traceNames };
}

/** Operations that guides record for differently spelled kinds of resource: an entry of `operations`, or several to be spread. */
export type SpelledOperations = EventOperations & Iterable<EventOperations>;

/**
 * The first entry is also the whole's: programs that give the helper as one entry, or read its fields, keep working.
 * `KeyEventNotification` takes all entries of a list within `operations`.
 */
function spelled(...entries: [EventOperations, ...EventOperations[]]): SpelledOperations {
  return Object.assign(entries, entries[0]);
}

/**
 * Operations of a service. A helper of type {@link EventOperations} is one entry of `operations`; a list is to be spread:
 * `operations: [cts.events.iam.login, ...cts.events.iam.policyChanges]`. {@link SpelledOperations} may be given either way.
 */
export const events = {
  /**
   * Makes an entry of `operations` for any operations of one kind of resource, as their traces name them.
   *
   * @example
   * ```ts
   * const resized = cts.events.of("ECS", "ecs", "resizeServer");
   * ```
   *
   * @param serviceType the acronym of the service, in capitals, for example `ECS`.
   * @param resourceType for example `ecs`; upper and lower case make a difference, here and in the names.
   * @param traceNames for example `deleteServer`; at least one.
   */
  of,

  /**
   * Identity and Access Management: who signs in, and who may do what. IAM is global: its traces are recorded in one region,
   * and an alarm about them works only there.
   */
  iam: {
    /**
     * Somebody has signed in to the console, by password or as a federated user.
     * @see user guide of IAM; guides of 2020
     */
    login: of(
      "IAM",
      "user",
      "login",
      "oidcLoginSuccess",
      "iamUserSsoLoginSuccess",
      "federationLoginNoPwdSuccess",
      "scanQRCodeLogin",
      "tsiLogin",
      "tenantLoginBySamlSuccess",
    ),
    /**
     * Somebody has tried to sign in to the console, and could not.
     * @see user guide of IAM; Huawei's guide (`loginFailed`)
     */
    loginFailed: of(
      "IAM",
      "user",
      "loginFailed",
      "loginfailed",
      "oidcLoginFailed",
      "iamUserSsoLoginFailed",
      "federationLoginNoPwdFailed",
      "scanQRCodeLoginFailed",
    ),
    /**
     * Somebody has signed out of the console.
     * @see user guide of IAM; guides of 2020
     */
    logout: of("IAM", "user", "logout"),
    /**
     * Signing in without a second factor becomes possible: a virtual MFA device was unbound or deleted, or the protection of
     * a user's login was changed. A filter cannot tell logins with a second factor from those without: none of the six
     * fields that it sees holds this.
     * @see user guide of IAM; guides of 2020 (`…Verify`)
     */
    mfaChanges: [
      of("IAM", "MFA", "UnBindMFA", "deleteMFA"),
      of("IAM", "user", "modifyLoginProtect", "modifySMVerify", "modifyLatchVerify", "modifyMCConnectVerify"),
    ],
    /**
     * Users were created, changed or deleted. Email address and mobile number are included: they reset passwords.
     * @see user guide of IAM; guides of 2020 (`modifyUser…`)
     */
    userChanges: of(
      "IAM",
      "user",
      "createUser",
      "updateUser",
      "deleteUser",
      "updateMobileAndEmail",
      "changeMobileByEmail",
      "modifyUserEmail",
      "modifyUserMobile",
    ),
    /**
     * Passwords were changed, by their users or for them.
     * @see user guide of IAM; guides of 2020 (`modifyUserPassword`, `setPasswordByAdmin`); Huawei's guide (`fpwdResetSuccess`)
     */
    passwordChanges: of(
      "IAM",
      "user",
      "changePassword",
      "updateUserPwd",
      "modifyUserPassword",
      "setPasswordByAdmin",
      "updateUserPwdByEmail",
      "fpwdResetSuccess",
    ),
    /**
     * Access keys were created or deleted.
     * @see user guide of IAM; guides of 2020 (`addCredential`)
     */
    accessKeyChanges: of("IAM", "user", "createCredential", "addCredential", "deleteCredential"),
    /**
     * Groups were created, changed or deleted, or other users are in them now.
     * @see user guide of IAM; guides of 2020; Huawei's guide for its region eu-west-0 (`…UserGroup`)
     */
    groupChanges: of(
      "IAM",
      "userGroup",
      "createGroup",
      "createUserGroup",
      "updateGroup",
      "updateUserGroup",
      "deleteGroup",
      "deleteUserGroup",
      "addUserToGroup",
      "removeUserFromGroup",
    ),
    /**
     * Custom policies were created, changed or deleted, or groups were granted or denied permissions.
     * @see user guide of IAM; guides of 2020 (`roleGroup…`)
     */
    policyChanges: [
      of("IAM", "Policy", "createRole", "updateRole", "deleteRole"),
      of("IAM", "assignment", "createAssignment", "deleteAssignment"),
      of("IAM", "group", "updateGroupAssignsByRole"),
      of("IAM", "roleGroupDomain", "assignRoleToGroupOnDomain", "unassignRoleToGroupOnDomain"),
      of("IAM", "roleGroupProject", "assignRoleToGroupOnProject", "unassignRoleToGroupOnProject"),
    ],
    /**
     * Agencies, by which other accounts and services act, were created or deleted, or may do other things.
     * @see user guide of IAM; guides of 2020
     */
    agencyChanges: [
      of(
        "IAM",
        "agency",
        "createAgency",
        "updateAgency",
        "deleteAgency",
        "updateAgencyGrants",
        "deleteAgencyGrants",
        "updateAgencyInheritedGrants",
        "deleteAgencyInheritedGrants",
        "updateAgencyAssignsByRole",
        "updateagenciesRolesByConsole",
      ),
      of("IAM", "roleAgencyDomain", "assignRoleToAgencyOnDomain", "unassignRoleToAgencyOnDomain"),
      of("IAM", "roleAgencyProject", "assignRoleToAgencyOnProject", "unassignRoleToAgencyOnProject"),
    ],
    /**
     * The rules for passwords and logins, or from where one may sign in, were changed.
     * @see user guide of IAM (`SecurityPolicy`); guides of 2020 (`domain`)
     */
    securityPolicyChanges: [
      of("IAM", "SecurityPolicy", "modifySecurityPolicy"),
      of(
        "IAM",
        "domain",
        "updateSecurityPolicies",
        "updatePasswordPolicies",
        "updateACLPolicies",
        "updateWarningPolicies",
      ),
    ],
    /**
     * Identity providers for federated users, their protocols, or the mappings from their users to groups here were created,
     * changed or deleted.
     * @see user guide of IAM; guides of 2020 (`…MetaConfigure`, `deleteProtocol` of `protocol`)
     */
    identityProviderChanges: spelled(
      of(
        "IAM",
        "identityProvider",
        "createIdentityProvider",
        "updateIdentityProvider",
        "deleteIdentityProvider",
        "createProtocol",
        "updateProtocol",
        "deleteProtocol",
        "createOIDCConfiguration",
        "updateOIDCConfiguration",
        "metadataConfiguration",
        "updateMetaConfigure",
        "updateSystemMetaConfigure",
      ),
      of("IAM", "protocol", "createProtocol", "updateProtocol", "deleteProtocol"),
      of("IAM", "mapping", "createMapping", "updateMapping", "deleteMapping"),
    ),
  },

  /** Cloud Trace Service: the audit log itself. */
  cts: {
    /**
     * The tracker was created, changed, switched on or off, or deleted. Switching it off is a change like others.
     * @see user guide of CTS; Swiss guide; guides of 2020
     */
    trackerChanges: of("CTS", "tracker", "createTracker", "updateTracker", "deleteTracker"),
    /**
     * The tracker was deleted.
     * @see user guide of CTS; Swiss guide; guides of 2020
     */
    trackerDeleted: of("CTS", "tracker", "deleteTracker"),
    /**
     * Key event notifications were created, changed, switched on or off, or deleted.
     * @see user guide of CTS; Swiss guide
     */
    notificationChanges: of(
      "CTS",
      "notification",
      "createNotification",
      "updateNotification",
      "updateNotificationStatus",
      "deleteNotification",
    ),
  },

  /** Object Storage Service. */
  obs: {
    /**
     * The access rights to a bucket were changed.
     * @see user guide of OBS (`Bucket`); guides of 2020 (`bucket`)
     */
    bucketPolicyChanges: bucket("setBucketPolicy", "deleteBucketPolicy", "setBucketAcl"),
    /**
     * A bucket was deleted.
     * @see user guide of OBS (`Bucket`); guides of 2020 (`bucket`)
     */
    bucketDeleted: bucket("deleteBucket"),
    /**
     * The time that a bucket keeps its objects was changed.
     * @see user guide of OBS (`Bucket`); guides of 2020 (`bucket`)
     */
    bucketLifecycleChanges: bucket("setBucketLifecycle", "deleteBucketLifecycle"),
  },

  /** Key Management Service. */
  kms: {
    /**
     * A key was disabled, or it or its material is to be deleted. Data that it has encrypted cannot be read, now or soon.
     * @see user guide of KMS (`CMK`); Swiss guide and guides of 2020 (`cmk`)
     */
    keyDisabled: masterKey("disableKey", "scheduleKeyDeletion", "deleteImportedKeyMaterial"),
    /**
     * The rights to use a key were changed.
     * @see user guide of KMS (`CMK`); Swiss guide and guides of 2020 (`cmk`)
     */
    grantChanges: masterKey("createGrant", "retireGrant", "revokeGrant"),
  },

  /** Virtual Private Cloud. */
  vpc: {
    /**
     * Security groups or their rules were created, changed or deleted, or servers are in other groups now.
     * @see Swiss guide of VPC and Huawei's (`security_groups`, `security-group-rules`); guides of 2020 (`security_group`, and
     * for calls of native OpenStack APIs `security-groups`); user guide of ECS (`ecs`)
     */
    securityGroupChanges: [
      of("VPC", "security_groups", "createSecurity-group", "updateSecurity-group", "deleteSecurity-group"),
      of("VPC", "security-groups", "createSecurity-group", "updateSecurity-group", "deleteSecurity-group"),
      of("VPC", "security_group", "createSecurityGroup", "modifySecurityGroup"),
      of(
        "VPC",
        "security-group-rules",
        "createSecurity-group-rule",
        "updateSecurity-group-rule",
        "deleteSecurity-group-rule",
      ),
      of(
        "ECS",
        "ecs",
        "createSecurityGroup",
        "updateSecurityGroup",
        "addSecurityGroup",
        "removeSecurityGroup",
        "createSgRule",
        "deleteSgRule",
      ),
    ],
  },

  /** Elastic Cloud Server. */
  ecs: {
    /**
     * Servers were created.
     * @see user guide of ECS; Huawei's guide (`…V21`); guides of 2020 for calls of native OpenStack APIs (`server`)
     */
    serverCreated: spelled(
      of("ECS", "ecs", "createServer", "createServerV2", "createServerV21"),
      of("ECS", "server", "createServer", "createServerVolumesBoot"),
    ),
    /**
     * Servers were deleted.
     * @see user guide of ECS; Huawei's guide (`…V21`, `deleteVmByNative`); guides of 2020 for calls of native OpenStack APIs
     * (`server`)
     */
    serverDeleted: spelled(
      of("ECS", "ecs", "deleteServer", "deleteServerV2", "deleteServerV21", "deleteVmByNative"),
      of("ECS", "server", "deleteServer"),
    ),
    /**
     * Servers were started, stopped or restarted. By native OpenStack APIs, every action on a server has the one name
     * `operateServer`, so that resizing it is among them.
     * @see user guide of ECS; guides of 2020 for calls of native OpenStack APIs (`server`)
     */
    serverPower: spelled(
      of("ECS", "ecs", "startServer", "stopServer", "rebootServer"),
      of("ECS", "server", "operateServer"),
    ),
  },
};

function bucket(...traceNames: [string, ...string[]]): SpelledOperations {
  return spelled(of("OBS", "bucket", ...traceNames), of("OBS", "Bucket", ...traceNames));
}

function masterKey(...traceNames: [string, ...string[]]): SpelledOperations {
  return spelled(of("KMS", "cmk", ...traceNames), of("KMS", "CMK", ...traceNames));
}
