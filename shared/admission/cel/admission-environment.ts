import { CelEnvironment } from '../../cel/environment.ts';
import { AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE } from '../../cel/library/authorizer.ts';
import { type CelType, DYN } from '../../cel/type.ts';
import { ADMISSION_STRUCTS, NAMESPACE_TYPE, REQUEST_TYPE } from './admission-types.ts';

export interface AdmissionVariables {
  readonly params: boolean;
  readonly authorizer: boolean;
  /** Types of the request's objects, if known. */
  readonly object?: CelType | undefined;
  readonly oldObject?: CelType | undefined;
  readonly paramsType?: CelType | undefined;
}

const untyped = new Map<string, CelEnvironment>();

/** The environment of expressions about a request. */
export function admissionEnvironment({
  params,
  authorizer,
}: Pick<AdmissionVariables, 'params' | 'authorizer'>): CelEnvironment {
  const key = `${params} ${authorizer}`;
  const environment = untyped.get(key) ?? typedAdmissionEnvironment({ params, authorizer });
  untyped.set(key, environment);
  return environment;
}

/** The same environment with typed objects. */
export function typedAdmissionEnvironment(has: AdmissionVariables): CelEnvironment {
  return new CelEnvironment({
    variables: {
      object: has.object ?? DYN,
      oldObject: has.oldObject ?? DYN,
      namespaceObject: NAMESPACE_TYPE,
      request: REQUEST_TYPE,
      ...(has.params && { params: has.paramsType ?? DYN }),
      ...(has.authorizer && {
        authorizer: AUTHORIZER_TYPE,
        'authorizer.requestResource': RESOURCE_CHECK_TYPE,
      }),
    },
    structs: ADMISSION_STRUCTS,
  });
}
