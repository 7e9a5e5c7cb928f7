import type { KubeObject } from '../../meta/kube-object.ts';
import { isAlreadyExists, newBadRequest, StatusError } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { beforeCreate, checkGeneratedNameError } from '../../rest/before-create.ts';
import { fillObjectMetaSystemFields } from '../../rest/metadata.ts';
import { generateName } from '../../rest/name-generator.ts';
import {
  objectOf,
  type RESTCreateOptions,
  type RESTObject,
  type ValidateObject,
} from '../../rest/rest-storage.ts';
import { interpretStorageError } from '../../rest/storage-errors.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { Store, WriteOutcome } from './store.ts';
import { createInStorage } from './store-writes.ts';

/** Maximum attempts to generate a unique name; upstream chose it so that failure is unlikely. */
const MAX_NAME_GENERATION_ATTEMPTS = 8;

export interface Creation<T extends KubeObject> {
  /** Modified in place: metadata is completed, and the strategy prepares it. */
  readonly object: T;
  readonly validate: ValidateObject;
  readonly options: RESTCreateOptions;
}

export async function createObject<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  creation: Creation<T>,
): Promise<RESTObject<T>> {
  const { name, generateName: prefix } = creation.object.metadata;
  if (name || !prefix) return create(store, context, creation);
  for (let attempt = 1; ; attempt++) {
    try {
      return await create(store, context, { ...creation, object: await deepCopyInPieces(creation.object) });
    } catch (error) {
      if (!isAlreadyExists(error) || attempt === MAX_NAME_GENERATION_ATTEMPTS) throw error;
    }
  }
}

async function create<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  { object, validate, options }: Creation<T>,
): Promise<RESTObject<T>> {
  const { metadata } = object;
  fillObjectMetaSystemFields(metadata);
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName);
  const finish = await store.options.beginCreate?.(context, object, options);
  let outcome: WriteOutcome = 'failed';
  try {
    await beforeCreate(store.strategy, context, object);
    await validate(await deepCopyInPieces(object));
    const result = await write(store, context, object, options);
    outcome = 'written';
    await store.options.afterCreate?.(await objectOf(result), options);
    return result;
  } finally {
    await finish?.(outcome);
  }
}

async function write<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  object: T,
  { dryRun }: RESTCreateOptions,
): Promise<RESTObject<T>> {
  const name = object.metadata.name ?? '';
  const key = store.keyFor(context, name);
  // Upstream's storage checks this last, and only if it writes.
  if (object.metadata.resourceVersion && !dryRun) {
    throw newBadRequest('resourceVersion should not be set on objects to be created');
  }
  const ttlSeconds = store.strategy.ttlSeconds?.(object);
  try {
    return await createInStorage(store, key, { object, ttlSeconds, dryRun });
  } catch (error) {
    const interpreted = interpretStorageError(error, store.operation('create', name));
    throw await explainExisting(
      store,
      key,
      checkGeneratedNameError(interpreted, store.strategy, store.groupResource, object),
    );
  }
}

/** If the existing object is being deleted, adds to the message that a retry may succeed. */
async function explainExisting<T extends KubeObject>(
  store: Store<T>,
  key: string,
  error: unknown,
): Promise<unknown> {
  if (!isAlreadyExists(error)) return error;
  try {
    const existing = await (await store.storage.get(key)).objectInPieces();
    if (!existing.metadata.deletionTimestamp) return error;
  } catch {
    return error;
  }
  return new StatusError({ ...error.status, message: `object is being deleted: ${error.status.message}` });
}
