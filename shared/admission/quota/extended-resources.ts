import { isNativeResource } from '../../apis/core/resource-names.ts';
import type { DeviceClass } from '../../apis/resource/v1/types.ts';
import type { Quantity } from '../../runtime/quantity.ts';
import type { Amounts } from './amounts.ts';

/** Prefix of the implicit extended resource of each device class. */
export const DEVICE_CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/';
const REQUESTS_PREFIX = 'requests.';

/** Only requests of extended resources count, because they can't be overcommitted. */
export function isExtendedResourceQuotaName(name: string): boolean {
  if (!name.startsWith(REQUESTS_PREFIX)) return false;
  return !isNativeResource(name) || name.startsWith(REQUESTS_PREFIX + DEVICE_CLASS_PREFIX);
}

/** The extended resources of device classes. */
export class ExtendedResources {
  readonly #byClass: ReadonlyMap<string, string | undefined>;

  constructor(classes: readonly DeviceClass[]) {
    this.#byClass = new Map(classes.map(({ metadata, spec }) => [metadata.name!, spec.extendedResourceName]));
  }

  get isEmpty(): boolean {
    return this.#byClass.size === 0;
  }

  /** Whether a device class provides the extended resource of this name. */
  tracks(name: string): boolean {
    if (!isExtendedResourceQuotaName(name)) return false;
    const resource = name.slice(REQUESTS_PREFIX.length);
    if (resource.startsWith(DEVICE_CLASS_PREFIX)) {
      return this.#byClass.has(resource.slice(DEVICE_CLASS_PREFIX.length));
    }
    return [...this.#byClass.values()].includes(resource);
  }

  /** Usage of devices in terms of extended resources. `byClass` is the number of devices per class. */
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
