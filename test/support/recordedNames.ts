/**
 * The operations that CTS records, by service and resource type, as the user guides of Open Telekom Cloud's services
 * say. From the pages "key operations" of github.com/opentelekomcloud-docs and opentelekomcloud/docs. Only the resource
 * types of the emulator's synthetic traces.
 */
export const recordedNames: Readonly<Record<string, string>> = {
  "IAM/user": `addCredential changeMobileByEmail changePassword createCredential createUser deleteCredential
     deleteUser federationLoginNoPwdFailed federationLoginNoPwdSuccess iamUserSsoLoginFailed
     iamUserSsoLoginSuccess login loginfailed logout modifyLatchVerify modifyLoginProtect
     modifyMCConnectVerify modifySMVerify modifyUserEmail modifyUserMobile modifyUserPassword
     modifyUserPicture oidcLoginFailed oidcLoginSuccess scanQRCodeLogin scanQRCodeLoginFailed
     setPasswordByAdmin switchRole tenantLoginBySamlSuccess tsiLogin updateMobileAndEmail updateUser
     updateUserPwd updateUserPwdByEmail`,
  "ECS/ecs": `addAutoRecovery addNic addSecurityGroup attachVolume attachVolume2 attachVolumeV2 changeOs
     changeOsV2 createFloatingIp createSecurityGroup createServer createServerV2 createSgRule
     deleteAutoRecovery deleteFloatingIp deleteMetadata deleteNic deleteServer deleteServerV2
     deleteSgRule detachVolume rebootServer reinstallOs reinstallOsV2 removeSecurityGroup resizeServer
     setMetadata startServer stopServer updateMetadata updateSecurityGroup`,
  "EVS/evs": "createVolume deleteVolume extendVolume updateVolume",
  "VPC/vpc": "createVpc deleteVpc modifyVpc",
  "VPC/subnet": "createSubnet deleteSubnet modifySubnet",
  "VPC/security_groups": "createSecurity-group deleteSecurity-group updateSecurity-group",
  "OBS/bucket": `createBucket deleteBucket deleteBucketCors deleteBucketCustomdomain deleteBucketLifecycle
     deleteBucketPolicy deleteBucketReplication deleteBucketTagging deleteBucketWebsite deleteBucketdata
     setBucketAcl setBucketCors setBucketCustomdomain setBucketLifecycle setBucketLogging
     setBucketNotification setBucketPolicy setBucketQuota setBucketReplication setBucketStorageclass
     setBucketTagging setBucketVersioning setBucketWebsite`,
  "ELB/loadbalancer": "createLoadbalancer deleteLoadbalancer updateLoadbalancer",
  "RDS/instance": `changeInstancePort createInstance createTag deleteInstance deleteTag instanceAction instanceFailOver
     instanceFailOverMode instanceFailOverStrategy instanceRename instanceRestart instanceRestore
     modifySecurityGroup modifySingleToHaInstance modifyTag resetDBParameters resetPassword
     setBackupPolicy setDBParameters setOrResetPublicIP sqlserverOpenTDE`,
  "CCE/Cluster": `BatchCreateDeleteResourceTags ClusterRollbackContinue ClusterRollbackPause ClusterRollbackRetry
     ClusterUpgradeContinue ClusterUpgradePause ClusterUpgradeRetry CompleteComponentCredential
     CreateMaintenanceWindow CreatePartition CreatePermissionApplyOrder CreateWarmUpPool
     DeleteMaintenanceWindow DeleteUpgradePlan DeleteWarmUpPool DownloadNodeCredentials
     FinishEncryptionKeyRotation GetAKSKConfig GetClusterUpgradePaths GetEndpoints GetLabels
     GetMaintenanceWindow GetOnePartition GetOpenAPIInfo GetPartitionList GetPreCheck GetPreCheckList
     GetRollbackTasks GetRotationState GetSnapshotTasks GetUpgradeFeatureGates GetUpgradeInfo
     GetUpgradePlans GetUpgradeTask GetUpgradeTasks GetUpgradeWorkFlows GetWarmUpPool
     ListPermissionApplyOrders ListWarmUpPool PostCheck PreCheck RetryRollingUpdateControlPlane Rollback
     RollbackCredentials RollingUpdateControlPlane RotateClusterCredentials RotateCredentials Snapshot
     SyncNodePool UpdateAKSKConfig UpdateMaintenanceWindow UpdatePartition UpdateWarmUpPool
     UpgradeWorkFlow UpgradeWorkFlowUpdate awakeCluster claimCluster clusterUpgrade createAccessPolicy
     createCluster createUserAgencies deleteAccessPolicy deleteCluster getAccessPolicy getClusterByUID
     getClusterCertByUID getClusterConfiguration getClusterConfigurationDetail getClusterInstances
     getClusterLongAKSKConfig getClusterSupportConfiguration getClustersByProjectID getPackageConfigs
     getPackageLists getQuotas getUserAgencies hibernateCluster listAccessPolicy listCluster
     operateCluster operateMasterEIP resizeCluster revokeClusterCert updateAccessPolicy updateCluster
     updateClusterLongAKSKConfig updateConfiguration`,
  "AS/scaling_group": `CreateScalingGroup DeleteScalingGroup DisableScalingGroup EnableScalingGroup ModifyScalingGroup
     createScalingGroup deleteScalingGroup disableScalingGroup enableScalingGroup modifyScalingGroup
     operateScalingGroup`,
  "KMS/cmk": `batchCreateKeyTags batchDeleteKeyTags cancelKeyDeletion createDataKey createDataKeyWithoutPlaintext
     createGrant createKey createKeyTag decryptData decryptDataKey decryptDatakey
     deleteImportedKeyMaterial deleteKeyRiskTips deleteKeyTag disableKey disableKeyRotation enableKey
     enableKeyRotation encryptData encryptDataKey encryptDatakey importKeyMaterial retireGrant
     revokeGrant scheduleKeyDeletion updateKeyAlias updateKeyDescription updateKeyRotationInterval`,
  "SMN/topic": `createTopic deleteTopic deleteTopicAttributeByName deleteTopicAttributes updateTopic
     updateTopicAttribute`,
  "DNS/publicRecordSet": "createPublicRecordSet deletePublicRecordSet updatePublicRecordSet",
};
