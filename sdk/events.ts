/**
 * The operations that alarms are mostly about, so that nobody has to know by heart how the services call them in their
 * traces. From the lists of key operations in the user guides of the services; where the guide of Open Telekom Cloud and
 * those of its sister clouds spell a name differently, both are in.
 */

/** Operations of one kind of resource, as {@link KeyEventNotificationArgs.operations} takes them. */
export interface EventOperations {
  /** The acronym of the service, in capitals. */
  readonly serviceType: string;
  readonly resourceType: string;
  /** At least one. */
  readonly traceNames: string[];
}

/**
 * Any operations of one kind of resource, as their traces name them.
 *
 * @param serviceType the acronym of the service, in capitals, for example `ECS`.
 * @param resourceType for example `ecs`; upper and lower case make a difference, here and in the names.
 * @param traceNames for example `deleteServer`; at least one.
 */
function of(
  serviceType: string,
  resourceType: string,
  ...traceNames: [string, ...string[]]
): EventOperations {
  return { serviceType, resourceType, traceNames };
}

/**
 * Operations of a service: what is singular is one entry of `operations`, what is plural is several, to be spread:
 * `operations: [cts.events.iam.login, ...cts.events.iam.policyChanges]`.
 */
export const events = {
  of,

  /**
   * Identity and Access Management: who signs in, and who may do what. IAM is there once for the whole account: its traces
   * are recorded in one region, and only there an alarm about them is of use.
   */
  iam: {
    /** Somebody has signed in to the console, by password or as a federated user. */
    login: of(
      "IAM",
      "user",
      "login",
      "oidcLoginSuccess",
      "iamUserSsoLoginSuccess",
      "federationLoginNoPwdSuccess",
      "scanQRCodeLogin",
      "tsiLogin",
    ),
    /** Somebody has tried to sign in to the console, and could not. */
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
    logout: of("IAM", "user", "logout"),
    /**
     * Signing in without a second factor becomes possible: a virtual MFA device was unbound or deleted, or the protection of
     * a user's login was changed. A filter cannot tell the logins with a second factor from those without: it sees only
     * six fields of a trace, and that is in none of them.
     */
    mfaChanges: [of("IAM", "MFA", "UnBindMFA", "deleteMFA"), of("IAM", "user", "modifyLoginProtect")],
    /** Users were created, changed or deleted. */
    userChanges: of("IAM", "user", "createUser", "updateUser", "deleteUser"),
    /** Passwords were changed, by their users or for them. */
    passwordChanges: of(
      "IAM",
      "user",
      "changePassword",
      "updateUserPwd",
      "modifyUserPassword",
      "setPasswordByAdmin",
    ),
    /** Access keys were created or deleted. */
    accessKeyChanges: of("IAM", "user", "createCredential", "addCredential", "deleteCredential"),
    /** Groups were created, changed or deleted, or other users are in them now. */
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
    /** Custom policies were created, changed or deleted, or groups were granted or denied permissions. */
    policyChanges: [
      of("IAM", "Policy", "createRole", "updateRole", "deleteRole"),
      of("IAM", "assignment", "createAssignment", "deleteAssignment"),
      of("IAM", "group", "updateGroupAssignsByRole"),
      of("IAM", "roleGroupDomain", "assignRoleToGroupOnDomain", "unassignRoleToGroupOnDomain"),
      of("IAM", "roleGroupProject", "assignRoleToGroupOnProject", "unassignRoleToGroupOnProject"),
    ],
    /** Agencies, by which other accounts and services may act, were created, changed or deleted, or may do other things. */
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
      ),
      of("IAM", "roleAgencyProject", "assignRoleToAgencyOnProject", "unassignRoleToAgencyOnProject"),
    ],
    /** The rules for passwords and logins, or from where one may sign in, were changed. */
    securityPolicyChanges: [
      of("IAM", "SecurityPolicy", "modifySecurityPolicy"),
      of("IAM", "domain", "updateSecurityPolicies", "updatePasswordPolicies", "updateACLPolicies"),
    ],
    /** Identity providers for federated users were created, changed or deleted. */
    identityProviderChanges: of(
      "IAM",
      "identityProvider",
      "createIdentityProvider",
      "updateIdentityProvider",
      "deleteIdentityProvider",
    ),
  },

  /** Cloud Trace Service: the audit log itself. */
  cts: {
    /** The tracker was created, changed, switched on or off, or deleted. Switching it off is a change like others. */
    trackerChanges: of("CTS", "tracker", "createTracker", "updateTracker", "deleteTracker"),
    /** The tracker was deleted. */
    trackerDeleted: of("CTS", "tracker", "deleteTracker"),
    /** Key event notifications were created, changed, switched on or off, or deleted. */
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
    /** Who may do what with a bucket was changed. */
    bucketPolicyChanges: of("OBS", "bucket", "setBucketPolicy", "deleteBucketPolicy", "setBucketAcl"),
    bucketDeleted: of("OBS", "bucket", "deleteBucket"),
    /** How long a bucket keeps its objects was changed. */
    bucketLifecycleChanges: of("OBS", "bucket", "setBucketLifecycle", "deleteBucketLifecycle"),
  },

  /** Key Management Service. */
  kms: {
    /** A key cannot be used any more, or soon not: what it has encrypted cannot be read. */
    keyDisabled: of("KMS", "cmk", "disableKey", "scheduleKeyDeletion", "deleteImportedKeyMaterial"),
    /** Who may use a key was changed. */
    grantChanges: of("KMS", "cmk", "createGrant", "retireGrant", "revokeGrant"),
  },

  /** Virtual Private Cloud. */
  vpc: {
    /** Security groups or their rules were created, changed or deleted. */
    securityGroupChanges: [
      of("VPC", "security_groups", "createSecurity-group", "updateSecurity-group", "deleteSecurity-group"),
      of(
        "VPC",
        "security-group-rules",
        "createSecurity-group-rule",
        "updateSecurity-group-rule",
        "deleteSecurity-group-rule",
      ),
    ],
  },

  /** Elastic Cloud Server. */
  ecs: {
    serverCreated: of("ECS", "ecs", "createServer", "createServerV2", "createServerV21"),
    serverDeleted: of("ECS", "ecs", "deleteServer", "deleteServerV2", "deleteServerV21"),
    /** Servers were started, stopped or restarted. */
    serverPower: of("ECS", "ecs", "startServer", "stopServer", "rebootServer"),
  },
};
