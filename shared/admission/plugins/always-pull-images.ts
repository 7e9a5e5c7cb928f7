import type { Pod, PodSpec } from '../../apis/core/v1/types.ts';
import { containersWithPath } from '../../apis/core/visit-containers.ts';
import { aggregateFieldErrors, type FieldError, notSupported } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { containersOf } from '../pod-containers.ts';

const SPEC = FieldPath.of('spec');

/** Sets the pull policy to Always, so that pods can't use private images of other users from a node's cache. */
export const alwaysPullImages: AdmissionPluginFactory = () => ({
  name: 'AlwaysPullImages',
  handles: operations('CREATE', 'UPDATE'),
  async admit(attributes) {
    if (!isPod(attributes) || isUpdateWithNoNewImages(attributes)) return;
    const { spec } = attributes.object as Pod;
    for (const container of containersOf(spec)) container.imagePullPolicy = 'Always';
    for (const { image } of spec.volumes ?? []) if (image) image.pullPolicy = 'Always';
  },
  async validate(attributes) {
    if (!isPod(attributes) || isUpdateWithNoNewImages(attributes)) return;
    const errors = pullPolicyErrors((attributes.object as Pod).spec);
    if (errors.length > 0) throw forbidden(attributes, aggregateFieldErrors(errors));
  },
});

function pullPolicyErrors(spec: PodSpec): FieldError[] {
  const judge = (path: FieldPath, policy = ''): FieldError[] =>
    policy === 'Always' ? [] : [notSupported(path, policy, ['Always'])];
  return [
    ...[...containersWithPath(spec, SPEC)].flatMap(({ container, path }) =>
      judge(path.child('imagePullPolicy'), container.imagePullPolicy),
    ),
    ...(spec.volumes ?? []).flatMap(({ image }, index) =>
      image ? judge(SPEC.child('volumes').index(index).child('image', 'pullPolicy'), image.pullPolicy) : [],
    ),
  ];
}

/** Pull policies are immutable, so updates are admitted unless they add images. */
function isUpdateWithNoNewImages({ operation, object, oldObject }: AdmissionAttributes): boolean {
  if (operation !== 'UPDATE') return false;
  const old = new Set(imagesOf((oldObject as Pod).spec));
  return imagesOf((object as Pod).spec).every((image) => old.has(image));
}

function imagesOf(spec: PodSpec): string[] {
  return containersOf(spec).map(({ image }) => image ?? '');
}
