/** `import ... from 'zeroplane/controllers'`: types and functions for controllers. */

export { type Change, type Controller, isResource } from '../../shared/controllers/controller.ts';
export type { KubeObject } from '../../shared/meta/kube-object.ts';
export type {
  ListerSnapshot,
  LoopbackClient,
  ResourceAccess,
  ResourceLister,
} from '../../shared/rest/resource-access.ts';
export type { GroupResource, GroupVersionResource } from '../../shared/runtime/group-version.ts';
