/** `import ... from 'zeroplane/admission'`: types and functions for admission plugins. */

export type {
  AdmissionAttributes,
  AdmissionDependencies,
  AdmissionOperation,
  AdmissionPlugin,
  AdmissionPluginFactory,
} from '../../shared/admission/admission.ts';
export { isKind, isPod, isResource, isWhole, operations } from '../../shared/admission/attributes.ts';
export { forbidden } from '../../shared/admission/errors.ts';
