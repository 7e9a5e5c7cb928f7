import type { Pod, PodSpec } from '../../apis/core/v1/types.ts';
import { formatFieldError, notSupported } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { containerListsOf } from '../pod-containers.ts';

/** Every image is pulled anew, so that nobody runs another's private image from a node's cache. */
export const alwaysPullImages: AdmissionPluginFactory = () => ({
  name: 'AlwaysPullImages',
  handles: operations('CREATE', 'UPDATE'),
  async admit(attributes) {
    if (!isPod(attributes) || isUpdateWithNoNewImages(attributes)) return;
    for (const { containers } of containerListsOf((attributes.object as Pod).spec)) {
      for (const container of containers) container.imagePullPolicy = 'Always';
    }
  },
  async validate(attributes) {
    if (!isPod(attributes) || isUpdateWithNoNewImages(attributes)) return;
    for (const { field, containers } of containerListsOf((attributes.object as Pod).spec)) {
      for (const [index, { imagePullPolicy }] of containers.entries()) {
        if (imagePullPolicy === 'Always') continue;
        const path = FieldPath.of('spec', field).index(index).child('imagePullPolicy');
        throw forbidden(attributes, formatFieldError(notSupported(path, imagePullPolicy ?? '', ['Always'])));
      }
    }
  },
});

/** Pull policies can't change, so an update may pass unless it brings images the pod didn't have. */
function isUpdateWithNoNewImages({ operation, object, oldObject }: AdmissionAttributes): boolean {
  if (operation !== 'UPDATE') return false;
  const old = new Set(imagesOf((oldObject as Pod).spec));
  return imagesOf((object as Pod).spec).every((image) => old.has(image));
}

function imagesOf(spec: PodSpec): string[] {
  return containerListsOf(spec).flatMap(({ containers }) => containers.map(({ image }) => image ?? ''));
}
