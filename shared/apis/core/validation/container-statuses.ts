/** Rules for the container statuses of a pod. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isValidGroupID } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Container, ContainerStatus, LinuxContainerUser } from '../v1/types.ts';
import { firstByName } from './first-by-name.ts';
import { invalidEach } from './helpers.ts';

/** Bytes. */
const MAX_IMAGE_REFERENCE = 256;
const MAX_HEALTH_MESSAGE = 1024;
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];

/** Users reported by a runtime may use Linux's full range, which is larger than that of a spec. */
const MAX_REPORTED_UID = 2 ** 32 - 1;

function validateLinuxUser(
  { uid, gid, supplementalGroups }: LinuxContainerUser,
  path: FieldPath,
): FieldError[] {
  return [
    ...(uid >= 0 && uid <= MAX_REPORTED_UID
      ? []
      : [invalid(path.child('uid'), uid, `must be between 0 and ${MAX_REPORTED_UID}, inclusive`)]),
    ...invalidEach(path.child('gid'), gid, isValidGroupID(gid)),
    ...(supplementalGroups ?? []).flatMap((group, index) =>
      invalidEach(path.child('supplementalGroups').index(index), group, isValidGroupID(group)),
    ),
  ];
}

export function validateUsers(
  statuses: readonly ContainerStatus[] | undefined,
  path: FieldPath,
  os: string,
): FieldError[] {
  return (statuses ?? []).flatMap(({ user }, index) => {
    if (!user?.linux) return [];
    const at = path.index(index).child('user', 'linux');
    if (os === 'windows') return [forbidden(at, 'cannot be set for a windows pod')];
    return os === 'linux' ? validateLinuxUser(user.linux, at) : [];
  });
}

export function validateImageVolumes(
  statuses: readonly ContainerStatus[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (statuses ?? []).flatMap(({ volumeMounts }, index) =>
    (volumeMounts ?? []).flatMap(({ volumeStatus }, number) => {
      if (!volumeStatus?.image) return [];
      const { imageRef = '' } = volumeStatus.image;
      const mount = path.index(index).child('volumeMounts').index(number);
      const at = mount.child('volumeStatus', 'imageVolumeStatus', 'imageRef');
      if (imageRef === '') return [required(at, 'imageRef must not be empty')];
      return byteLength(imageRef) > MAX_IMAGE_REFERENCE ? [tooLong(at, MAX_IMAGE_REFERENCE)] : [];
    }),
  );
}

const CLAIM_MISMATCH =
  "must match one of the container's resource claims as 'claim:<claimName>/<requestName>' when container.resources.claims[*].request is set or 'claim:<claimName>' when it is empty";

/** Whether a container requests the resource that a node allocated to it. */
function askedFor(name: string, { resources }: Container): boolean {
  if (!name.startsWith('claim:')) return resources?.requests?.[name] !== undefined;
  return (resources?.claims ?? []).some(
    (claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`,
  );
}

export function validateAllocatedResources(
  statuses: readonly ContainerStatus[] | undefined,
  containers: readonly Container[] | null | undefined,
  path: FieldPath,
): FieldError[] {
  const named = firstByName(containers);
  return (statuses ?? []).flatMap((status, index) =>
    (status.allocatedResourcesStatus ?? []).flatMap(({ name, resources }, number) => {
      const at = path.index(index).child('allocatedResourcesStatus').index(number);
      const container = named.get(status.name);
      const errors: FieldError[] = [];
      if (container !== undefined && !askedFor(name, container)) {
        const detail = name.startsWith('claim:')
          ? CLAIM_MISMATCH
          : "must match one of the container's resource requests";
        errors.push(invalid(at.child('name'), name, detail));
      }
      const seen = new Set<string>();
      for (const [position, { resourceID, health = '', message }] of (resources ?? []).entries()) {
        const resource = at.child('resources').index(position);
        if (!HEALTH.includes(health)) errors.push(notSupported(resource.child('health'), health, HEALTH));
        appendAll(errors, validateMessage(message, resource.child('message')));
        if (seen.has(resourceID)) errors.push(duplicate(resource.child('resourceID'), resourceID));
        seen.add(resourceID);
      }
      return errors;
    }),
  );
}

function validateMessage(message: string | undefined, path: FieldPath): FieldError[] {
  if (message === '') return [required(path, 'must be non-empty if specified')];
  return byteLength(message ?? '') > MAX_HEALTH_MESSAGE ? [tooLong(path, MAX_HEALTH_MESSAGE)] : [];
}
