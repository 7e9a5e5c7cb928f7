/** `import ... from 'zeroplane/admission'`: what an admission plugin is made with. */

export type {
  AdmissionAttributes,
  AdmissionDependencies,
  AdmissionOperation,
  AdmissionPlugin,
  AdmissionPluginFactory,
} from '../../shared/admission/admission.ts';
export { isKind, isPod, isResource, isWhole, operations } from '../../shared/admission/attributes.ts';
export { forbidden } from '../../shared/admission/errors.ts';
