/** `import ... from 'zeroplane/host'`: control planes in a custom host, with its own listener, storage and log. */

export type { HostAdmissionPlugins } from '../../shared/admission/options.ts';
export {
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
  type HeaderFields,
  headerFields,
} from '../../shared/request/api-request.ts';
export {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlane,
  type NewControllers,
} from '../../shared/server/create-control-plane.ts';
export type { HostKeys } from '../../shared/server/host-keys.ts';
export type { ServerRunOptions } from '../../shared/server/options/options.ts';
export type { StorageFactory } from '../../shared/storage/storage.ts';
export { jsonLine, textLine } from '../../shared/util/log-lines.ts';
export { type Logger, type LogRecord, newLogger } from '../../shared/util/logger.ts';
export { nodeListener } from '../local/http/node-adapter.ts';
export { type DynamoDBStorageOptions, openDynamoDBStorage } from './open-dynamodb-storage.ts';
export { optionsOf } from './options-of.ts';
