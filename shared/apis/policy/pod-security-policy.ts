/** Annotations and volume types of PodSecurityPolicies. */

export const DEFAULT_APPARMOR_PROFILE = 'apparmor.security.beta.kubernetes.io/defaultProfileName';
/** Comma-separated; if absent, all are allowed. */
export const ALLOWED_APPARMOR_PROFILES = 'apparmor.security.beta.kubernetes.io/allowedProfileNames';
export const DEFAULT_SECCOMP_PROFILE = 'seccomp.security.alpha.kubernetes.io/defaultProfileName';
/** Comma-separated; if absent, none may be set. */
export const ALLOWED_SECCOMP_PROFILES = 'seccomp.security.alpha.kubernetes.io/allowedProfileNames';

/** Stands for all profiles, volumes, capabilities or runtime classes in a list. */
export const ALL = '*';

/** The volume type of each field of a volume, in upstream's order. */
export const VOLUME_TYPES = {
  hostPath: 'hostPath',
  emptyDir: 'emptyDir',
  gcePersistentDisk: 'gcePersistentDisk',
  awsElasticBlockStore: 'awsElasticBlockStore',
  gitRepo: 'gitRepo',
  secret: 'secret',
  nfs: 'nfs',
  iscsi: 'iscsi',
  glusterfs: 'glusterfs',
  persistentVolumeClaim: 'persistentVolumeClaim',
  rbd: 'rbd',
  flexVolume: 'flexVolume',
  cinder: 'cinder',
  cephfs: 'cephFS',
  flocker: 'flocker',
  downwardAPI: 'downwardAPI',
  fc: 'fc',
  azureFile: 'azureFile',
  configMap: 'configMap',
  vsphereVolume: 'vsphereVolume',
  quobyte: 'quobyte',
  azureDisk: 'azureDisk',
  photonPersistentDisk: 'photonPersistentDisk',
  storageos: 'storageos',
  projected: 'projected',
  portworxVolume: 'portworxVolume',
  scaleIO: 'scaleIO',
  csi: 'csi',
  ephemeral: 'ephemeral',
} as const;
