/** Causes of intended differences. The README's list of limitations documents them for users. */

import type { Step } from './exchange.ts';

interface Accepted {
  /** Matches the text of `Difference.cause`. */
  readonly cause: RegExp;
  /** Matches `POST /path` of the requests it applies to; default: all. */
  readonly asked?: RegExp;
  /** Matches the JSON of the request bodies it applies to; default: all. */
  readonly sent?: RegExp;
  readonly reason: string;
}

const DEFINITION_WRITES = /^(?:POST|PUT|PATCH) \/apis\/apiextensions\.k8s\.io\/(?!.*dryRun)/;
const ESTABLISHED =
  'a definition is established by the write that makes it: no controller that might be late';

const COMPONENTS = 'there is no scheduler or controller manager to ask for their health';

const ACCEPTED: readonly Accepted[] = [
  {
    cause: /^body\.keys\[\]\.(?:kid|x|y): /,
    asked: / \/openid\/v1\/jwks\/$/,
    reason: 'each server has keys of its own',
  },
  {
    cause: /^body\[\]\.object\.(?:spec\.replicas|metadata\.annotations\.deprecated\.daemonset\..*): missing$/,
    asked: /[?&]allowWatchBookmarks=true/,
    reason: 'the object of a bookmark says nothing by default',
  },
  {
    cause: /^body\.(?:items\[\]\.)?(?:metadata\.)?remainingItemCount: /,
    reason: 'resourceVersions are of one resource here, so that what else is written moves other lists',
  },
  {
    cause: /^body(?::|\.flags|\.goVersion|\.binaryVersion|\.startTime|\.uptimeSeconds)/,
    asked: /^GET \/(?:flagz|statusz)$/,
    reason:
      'each server has its own flags, versions and start; upstream changes the signs of the text at random',
  },
  {
    cause: /^status (?:200|30\d|40[36]) -> 404: /,
    asked: / \/debug\/(?:pprof|flags)/,
    reason: 'nothing here can be profiled as Go is: paths are as with --profiling=false',
  },
  {
    cause: /^status 200 -> 406: you requested PartialObjectMetadataList/,
    asked: /[?&]watch=1/,
    reason:
      'what no event can become is told at once; upstream begins an answer that ends empty at its first event',
  },
  {
    cause: /^(?:body|events\[\]\.responseObject)\.serverAddressByClientCIDRs/,
    reason: 'the addresses of two servers differ',
  },
  {
    cause: /^body\.(?:git|build|compiler|goVersion|platform|major|minor|emulation|minCompat)/,
    asked: /^GET \/version\/?$/,
    reason: 'two programs have two versions',
  },
  {
    cause: /^(?:body|events\[\]\.responseObject)\.status\.(?:conditions: null -> |acceptedNames)/,
    asked: DEFINITION_WRITES,
    reason: ESTABLISHED,
  },
  {
    cause: /^body\.rows\[\]\.cells\[\]: false -> true$/,
    asked: DEFINITION_WRITES,
    reason: ESTABLISHED,
  },
  {
    cause:
      /^(?:body\.(?:rows\[\]\.object\.)?|events\[\]\.responseObject\.)metadata\.managedFields: more elements$/,
    asked: DEFINITION_WRITES,
    reason: ESTABLISHED,
  },
  {
    cause: /^status 200 -> 404: /,
    asked: / \/api(?:s\/discovery\.k8s\.io)?\/v1\/namespaces\/default\/endpoint(?:s|slices)\/kubernetes$/,
    reason: 'functions have no addresses that Pods could be sent to',
  },
  {
    cause: /^body\.rows: fewer elements$/,
    asked: / \/api\/v1\/componentstatuses$/,
    reason: COMPONENTS,
  },
  {
    cause:
      /^(?:status 200 -> 404: customresourcedefinitions\.|body\.status\.conditions\[\]\.(?:status: False -> True|reason: Installing -> InitialNamesAccepted)$)/,
    asked: /^(?:GET|DELETE|PATCH) \/apis\/apiextensions\.k8s\.io\//,
    reason: ESTABLISHED,
  },
  {
    cause: /^body\.groups: fewer elements$/,
    asked: / \/apis$/,
    reason: 'a definition that is deleted is no longer served, without a wait for a controller',
  },
  {
    cause: /^body\.items: fewer elements$/,
    asked: / \/api\/v1\/componentstatuses$/,
    reason: COMPONENTS,
  },
  {
    cause: /^body\.spec\.taints\[\]\.timeAdded: missing$/,
    reason: 'the zero time is no time',
  },
  {
    cause: /^status 500 -> 200: failed to create manager for existing fields: failed to convert live object/,
    asked: /^PATCH \/apis\/\$N\.example\.com\/.*\/scale\?/,
    reason: 'the scale of a custom resource can be applied; upstream fails, for it has no conversion of it',
  },
  {
    cause: /^status 201 -> 422: .*MultipleOf/,
    asked: /^POST \/apis\/\$N\.example\.com\//,
    reason:
      'a number whose fraction is zero is whole, as JSON Schema has it; Go reads one that has a point as a float',
  },
  {
    cause: /^body: kind: APIVersions/,
    asked: /^GET \/api$/,
    reason: 'the addresses of two servers differ',
  },
  {
    cause: /^asked: (?:fewer elements|\[.* -> undefined)$/,
    asked: / \/api\/v1\/namespaces\/\$N\/services/,
    reason: 'the addresses of a Service are written by its storage; upstream asks webhooks about each',
  },
  {
    cause: /^asked: fewer elements$/,
    asked:
      /^(?:DELETE .*\/pods\/p\?gracePeriodSeconds=0|(?:DELETE|PATCH) .*\/configmaps\/a|(?:PUT|PATCH) .*\/d\/(?:status|scale)(?:\?.*)?)$/,
    reason: 'upstream asks webhooks once more where what it had in memory of the object was late',
  },
  {
    cause: /^asked\[\]\.review\.request\.options\.preconditions: missing$/,
    asked: /^DELETE \/api\/v1\/namespaces\/\$N(?:\?|$)/,
    reason: 'what a client asked for is shown; upstream adds the uid that it found to the options',
  },
  {
    cause:
      /: failed to call webhook: the server could not find .* -> .* but did not return more information$/,
    reason: 'redirects of webhooks are not followed: they lead where no configuration allows',
  },
  {
    cause: /^body: fewer elements$/,
    asked: /^KUBECTL explain /,
    reason: 'what describes types is built into bundles, which the comparison runs without',
  },
  {
    cause: /^events\[\]\.requestURI: /,
    reason: 'a query is logged as it was read: hosts are told its names and values alone',
  },
  {
    cause: /^events\[\]\.requestObject\.status\.storedVersions: /,
    asked: DEFINITION_WRITES,
    reason: ESTABLISHED,
  },
  {
    cause: /^events\[\]\.responseObject\.items: fewer elements$/,
    asked: / \/api\/v1\/componentstatuses$/,
    reason: COMPONENTS,
  },
  {
    cause: /^body\.metadata\.managedFields: more elements$/,
    asked: /^PATCH \/api\/v1\/namespaces\/\$N\/events\/a$/,
    reason: 'who wrote an Event through one of its groups is remembered by the other, too',
  },
  {
    cause:
      /metadata\.managedFields(?:: (?:more|fewer) elements|\[\]\.fieldsV#\.f:spec\.f:number: (?:extra|missing)|\[\]\.time: extra)|\.spec\.number|^body\.(?:details\.causes: more elements|metadata\.generation: # -> #)$/,
    asked: / \/apis\/\$N\.example\.com\/v1\/namespaces\/\$N\/mixes\/m/,
    reason: 'who updated a scale stays its manager; upstream splits its entry in two, and forgets one',
  },
  {
    cause: /no params found for policy binding|ValidatingAdmissionPolicy '.*' denied request: heard/,
    asked: /^POST \/api\/v1\/namespaces\/\$N\/configmaps\?dryRun=All$/,
    reason: 'parameters are read when they are asked for; upstream hears of them later',
  },
  {
    cause:
      /^body\.metadata\.(?:managedFields(?::|\[\])|generation: # -> #$)|^body\.details\.causes: fewer elements$|: Forbidden: pod updates may not change fields other than/,
    asked: /^(?:POST|PATCH) .*dryRun=All/,
    sent: /:\[\]|:\{"a":null\}|"overhead":\{|"caBundle":""|"items":(?:"x"|1|true)/,
    reason: 'an empty list or map is read as none, so that who sends it changes nothing',
  },
  {
    cause: /^body\.metadata\.managedFields: more elements$/,
    asked: /^PATCH \/apis\/apiextensions\.k8s\.io\/.*dryRun=All/,
    sent: /"webhook":\{(?:"clientConfig":null)?\}/,
    reason: "a webhook of which nothing is said is its sender's; upstream forgets it",
  },
  {
    cause: /^body\.(?:spec\.token: |status\.)/,
    asked: /^POST \/apis\/authentication\.k8s\.io\/v1\/tokenreviews$/,
    sent: /"token":" /,
    reason:
      "a token with a space before it is nobody's; upstream takes it for none, and answers with who is nobody",
  },
  {
    cause:
      /^status (?:500 -> 204: object does not implement|406 -> 204: you requested PartialObjectMetadataList)/,
    asked: /^GET .*\/log\b/,
    reason:
      'a log is no object, and is sent in whatever form of one was asked for; upstream finds that it is none',
  },
  {
    cause: /^status 500 -> 400: Non-matching dry-run options/,
    asked: /^POST .*\/eviction\?dryRun=All$/,
    reason: 'upstream calls a fault of a client its own',
  },
  {
    cause: /^headers\.cache-control: extra$/,
    asked: / \/api(?:s\/[\w.-]+)?\/v\w+\/(?:watch|proxy)\b/,
    reason: 'nothing is to be kept of paths that are none, either; upstream answers before it says so',
  },
  {
    cause: /^body\.status\.conditions: \[\] -> null$/,
    asked: /^PATCH \/apis\/apiextensions\.k8s\.io\/.*\/status\?dryRun=All/,
    reason: 'an empty list is read as none',
  },
  {
    cause:
      /: data: Invalid value: .*: field is immutable|^body\.details\.causes\[\]\.message: Invalid value: \{"":#,"":\{"":#\}\}: field is immutable/,
    asked: /^PATCH \/apis\/apps\/v1\/namespaces\/\$N\/controllerrevisions\//,
    reason:
      'keys of what has no type stay in the order in which they were written; a patch of upstream sorts them',
  },
  {
    cause:
      /^body\.details\.causes\[\]\.field: \S+x-kubernetes-validations\[\]\.\w+ -> \S+x-kubernetes-validations\[\]\.\w+$|^body\.message: .* \(try/,
    asked: /^POST \/apis\/apiextensions\.k8s\.io\/v1\/customresourcedefinitions$/,
    reason:
      'of rules whose costs are far beyond all limits, four are told: these are counted as doubles here',
  },
  {
    cause: /^body\.details\.causes\[\]\.message: Invalid value: false -> Invalid value: true$/,
    asked: /\/quantities0s\?/,
    reason: 'what is whole is an integer however it is written; upstream finds none in 1.5Gi and 1000m',
  },
  {
    cause:
      /^status (?:422 -> (?:201|200): .*expected float# got i int invalid|404 -> (?:200|422): numbers\.|201 -> 200: $)|^body\.(?:items|rows): more elements$/,
    asked: /^\w+ \/apis\/\$N\.example\.com\/v1\/namespaces\/\$N\/numbers\b/,
    reason:
      'a number whose fraction is zero is whole, as JSON Schema has it; to rules of Go one that has a point or an exponent is a float',
  },
  {
    cause: /^events\[\]\.requestObject\.spec\.n: null -> #E#$/,
    asked: /\/numbers\/n\d+\?dryRun=All&fieldManager=f/,
    reason: 'a number of YAML that no double holds is its text; upstream logs nothing in its place',
  },
  {
    cause: /^body\.(?:message: .* -#: <nil>: |details\.causes\[\]\.message: Unsupported value: -#: )/,
    asked: /\/numbers\?dryRun=All$/,
    reason: 'zero has no sign here',
  },
  {
    cause: /^body\.message: the API version in the data \(extensions\/v#beta#\) does not match/,
    reason: 'kinds of versions that no release since 1.20 has served are unknown here; both refuse them',
  },
  {
    cause: /strict decoding error: unknown field ""/,
    asked: /^PATCH \/apis\/apiregistration\.k8s\.io\/v1\/apiservices\//,
    reason: 'the message quotes the object, whose managers are sorted by the second in which they wrote',
  },
  {
    cause: /^warnings\[\]: (?:error: unable to drain node|cannot delete Pods )/,
    asked: /^KUBECTL drain /,
    reason: 'kubectl names what keeps a node from being drained in the order of a Go map',
  },
  {
    cause: /^body\.status\.reason: RBAC: allowed by /,
    reason: 'of several bindings that allow it upstream names any: it goes through them as through a Go map',
  },
  {
    cause: /expected type of field 'odd' is ''/,
    asked: /\/mutatingadmissionpolicies\?/,
    reason: 'a field that there is not is undefined; upstream has it of a type without a name',
  },
  {
    cause: /^status 200 -> 504: Timeout: Too large resource version/,
    asked: /[?&]continue=/,
    reason: 'resourceVersions are of one resource here: a token of another is of one to come',
  },
  {
    cause: /^status 500 -> 422: duplicate nodePort: /,
    asked: /^(?:PUT|PATCH) \/api\/v1\/namespaces\/\$N\/services\//,
    reason: 'ports are validated before they are allocated; upstream calls a fault of a client its own',
  },
  {
    cause: /^body: \{.*\} -> \[/,
    asked: /[?&]watch=1.*&resourceVersion=1(?:&|$)/,
    reason: 'resourceVersions are of one resource here, and its first is not too old for it',
  },
  {
    cause:
      /^status (?:410 -> 200|200 -> 410): The (?:resourceVersion for the provided list|provided continue parameter) is too old/,
    asked: /[?&](?:resourceVersion=1(?:&|$)|continue=)/,
    reason: 'history ends at each server when its own five minutes are over, of one resource here',
  },
  {
    cause:
      /^(?:status 500 -> 403: |body\.message: pods "" is forbidden: error looking up service account .*)invalid resource name ".*": \[may not contain '\/'\]/,
    asked: /^POST \/api\/v1\/namespaces\/\$N\/pods\?/,
    reason: 'what no object can be named is not found; upstream calls a fault of a client its own',
  },
  {
    cause:
      /spec\.template\.metadata\.labels: Invalid value: \{\}: `selector` does not match|^body\.details\.causes\[\]\.message: Invalid value: \{\}: `selector` does not match template `labels` -> Invalid value: null: `selector` does not match template `labels`$/,
    asked:
      /^POST \/api(?:s\/apps)?\/v1\/namespaces\/\$N\/(?:replicationcontrollers|daemonsets|deployments|replicasets|statefulsets)\?/,
    reason: 'an empty map is read as none, and is told as that',
  },
  {
    cause:
      /^status 422 -> 201: ResourceClaimTemplate.*spec\.metadata\.ownerReferences: Forbidden: cannot be set$/,
    asked: /^POST \/apis\/resource\.k8s\.io\/v1\/namespaces\/\$N\/resourceclaimtemplates$/,
    reason: 'an empty list is read as none',
  },
  {
    cause:
      /^body\.metadata\.managedFields\[\]\.fieldsV#\.f:spec\.f:(?:c|initC)ontainers\.k:\{"":""\}\.f:resources\.(?:f:claims|\.): extra$/,
    asked: /^POST \/api\/v1\/namespaces\/\$N\/pods\?dryRun=All&fieldValidation=Warn$/,
    reason: "an empty list of claims is its sender's; upstream forgets it",
  },
];

export function acceptedReason(
  cause: string,
  { method, path, body }: Pick<Step, 'method' | 'path' | 'body'>,
): string | undefined {
  const asked = `${method} ${path}`;
  // Audit events repeat what is answered.
  const causes = [cause, cause.replace(/^events\[\]\.response(?:Object|Status)/, 'body')];
  const fits = (one: Accepted): boolean =>
    causes.some((text) => one.cause.test(text)) &&
    (one.asked?.test(asked) ?? true) &&
    (one.sent?.test(JSON.stringify(body) ?? '') ?? true);
  return ACCEPTED.find(fits)?.reason;
}
