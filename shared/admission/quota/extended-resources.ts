import { isNativeResource } from '../../apis/core/resource-names.ts';
import type { DeviceClass } from '../../apis/resource/v1/types.ts';
import type { Quantity } from '../../runtime/quantity.ts';
import type { Amounts } from './amounts.ts';

/** Of an extended resource that every class of devices is without saying so. */
export const DEVICE_CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/';
const REQUESTS_PREFIX = 'requests.';

/** Only what is requested of them counts: they are never overcommitted. */
export function isExtendedResourceQuotaName(name: string): boolean {
  if (!name.startsWith(REQUESTS_PREFIX)) return false;
  return !isNativeResource(name) || name.startsWith(REQUESTS_PREFIX + DEVICE_CLASS_PREFIX);
}

/** Which extended resources the devices of classes are. */
export class ExtendedResources {
  readonly #byClass: ReadonlyMap<string, string | undefined>;

  constructor(classes: readonly DeviceClass[]) {
    this.#byClass = new Map(classes.map(({ metadata, spec }) => [metadata.name!, spec.extendedResourceName]));
  }

  get isEmpty(): boolean {
    return this.#byClass.size === 0;
  }

  /** Whether some class gives what a quota limits by this name. */
  tracks(name: string): boolean {
    if (!isExtendedResourceQuotaName(name)) return false;
    const resource = name.slice(REQUESTS_PREFIX.length);
    if (resource.startsWith(DEVICE_CLASS_PREFIX)) {
      return this.#byClass.has(resource.slice(DEVICE_CLASS_PREFIX.length));
    }
    return [...this.#byClass.values()].includes(resource);
  }

  /** The same devices under the names of extended resources; `byClass`: how many of each class. */
  usage(byClass: ReadonlyMap<string, Quantity>): Amounts {
    const usage = new Map<string, Quantity>();
    for (const [name, devices] of byClass) {
      usage.set(REQUESTS_PREFIX + DEVICE_CLASS_PREFIX + name, devices);
      const resource = this.#byClass.get(name);
      if (resource) usage.set(REQUESTS_PREFIX + resource, devices);
    }
    return usage;
  }
}
