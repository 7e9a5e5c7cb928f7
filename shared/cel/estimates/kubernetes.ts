/** Kubernetes' libraries (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/cost.go). */

import { OPERATOR } from '../ast.ts';
import {
  AUTHORIZATION_CHECK_COST,
  LIST_CREATE_COST,
  REGEX_LENGTH_FACTOR,
  STRUCT_CREATE_COST,
} from '../cost.ts';
import { type Estimate, named } from './call-estimate.ts';
import {
  type CostRange,
  fixed,
  MAX,
  ONE,
  plus,
  regex,
  scaled,
  times,
  traversal,
  ZERO,
} from './cost-range.ts';

const constantCost: Estimate = () => ({ cost: ONE });
const firstArgument: Estimate = ({ args }) =>
  args[0] === undefined ? undefined : { cost: traversal(args[0].size) };
const transform: Estimate = ({ target }) =>
  target === undefined ? undefined : { cost: traversal(target.size), size: target.size };

const selector: Estimate = ({ args }) => {
  if (args.length !== 1) return undefined;
  const { size } = args[0]!;
  return {
    cost: plus(
      fixed(LIST_CREATE_COST),
      traversal(size),
      scaled(scaled(size, 0.5), LIST_CREATE_COST + STRUCT_CREATE_COST),
    ),
  };
};

const listWalk: Estimate = ({ target, elementOf }) => {
  if (target === undefined) return undefined;
  const element = elementOf(target);
  if (element === undefined) return { cost: traversal(target.size) };
  const isText = element.type.kind === 'string' || element.type.kind === 'bytes';
  return { cost: times(target.size, isText ? plus(ONE, traversal(element.size)) : ONE) };
};

const replace: Estimate = ({ target, args }) => {
  if (target === undefined || args.length < 2) return undefined;
  const { size } = target;
  const [from, to] = [args[0]!.size, args[1]!.size];
  const longest =
    from.min === 0
      ? { count: Math.min(MAX, size.max + 1), kept: size.max }
      : to.max <= from.min
        ? { count: 0, kept: size.max }
        : { count: Math.ceil(size.max / from.min), kept: 0 };
  const shortest =
    from.max === 0
      ? { count: size.min + 1, kept: size.min }
      : from.max <= to.min
        ? { count: 0, kept: size.min }
        : { count: Math.ceil(size.min / from.max), kept: 0 };
  const count = { min: shortest.count, max: longest.count };
  const kept = { min: shortest.kept, max: longest.kept };
  return { cost: traversal(size, 2), size: plus(times(count, to), kept) };
};

const split: Estimate = ({ target, args }) => {
  if (target === undefined) return undefined;
  const limit = args[1]?.expr;
  const isLiteral = limit?.kind === 'literal' && typeof limit.value === 'bigint';
  const max =
    isLiteral && limit.value !== null ? Number(BigInt.asUintN(64, limit.value as bigint)) : target.size.max;
  return { cost: traversal(target.size, 2), size: { min: 0, max } };
};

const join: Estimate = ({ target, args, elementOf }) => {
  if (target === undefined) return undefined;
  const element = elementOf(target);
  const list = target.size;
  let size = element === undefined ? ZERO : times(list, element.size);
  if (args[0] !== undefined) {
    const gaps = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) };
    size = plus(size, times(args[0].size, gaps));
  }
  return { cost: traversal(size), size };
};

const find: Estimate = ({ target, args }) => {
  if (target === undefined || args.length === 0) return undefined;
  return { cost: regex(target.size, args[0]!.size), size: { min: 0, max: target.size.max } };
};

const ADDRESS: CostRange = { min: 4, max: 16 };

/** `other`: the type of the value looked up in the network. */
function contains(other: 'ip' | 'cidr'): Estimate {
  return ({ args, overload }) => {
    if (args.length === 0) return undefined;
    const comparison = traversal(plus(ADDRESS, ADDRESS));
    const masking = other === 'cidr' ? plus(traversal(ADDRESS), ONE) : ZERO;
    const parsing = overload.endsWith('_string') ? traversal(args[0]!.size) : ZERO;
    return { cost: plus(comparison, masking, parsing) };
  };
}

const ip: Estimate = (call) => (call.overload === 'cidr_ip' ? { cost: ONE } : firstArgument(call));

/** The longest pattern of all named formats determines the cost. */
const MAX_FORMAT_REGEX = 128;
const MAX_FORMAT_NAME = 64;

const formatValidation: Estimate = ({ args }) =>
  args[0] === undefined
    ? undefined
    : { cost: scaled(traversal(args[0].size), MAX_FORMAT_REGEX * REGEX_LENGTH_FACTOR) };

const CONSTANT_EQUALITY =
  /^(?:net\.(?:IP|CIDR)|kubernetes\.(?:Quantity|Semver|authorization\.(?:Authorizer|PathCheck|GroupCheck|ResourceCheck|Decision)))$/;

const kubernetesEquality: Estimate = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined || !left.type.equals(right.type)) return undefined;
  if (CONSTANT_EQUALITY.test(left.type.name)) return { cost: ONE };
  if (left.type.name === 'kubernetes.NamedFormat')
    return { cost: traversal({ min: 1, max: MAX_FORMAT_NAME }) };
  if (left.type.name === 'kubernetes.URL') return { cost: traversal(ONE) };
  return undefined;
};

/** By function name. */
export const KUBERNETES_ESTIMATES: ReadonlyMap<string, Estimate> = new Map([
  ['check', () => ({ cost: fixed(AUTHORIZATION_CHECK_COST) })],
  ...named(
    'serviceAccount path group resource subresource namespace name allowed reason error errored',
    constantCost,
  ),
  ...named('fieldSelector labelSelector', selector),
  ...named('isSorted sum max min indexOf lastIndexOf', listWalk),
  ...named('url jsonpatch.escapeKey', ({ args }) =>
    args.length === 1 ? { cost: traversal(args[0]!.size), size: args[0]!.size } : undefined,
  ),
  ...named('lowerAscii upperAscii substring trim', transform),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ...named('find findAll', find),
  ...named('cidr isIP isCIDR quantity isQuantity semver isSemver', firstArgument),
  ['ip', ip],
  [
    'ip.isCanonical',
    ({ args }) => (args[0] === undefined ? undefined : { cost: traversal(args[0].size, 2) }),
  ],
  ...named(
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast',
    constantCost,
  ),
  ['containsIP', contains('ip')],
  ['containsCIDR', contains('cidr')],
  ['validate', formatValidation],
  ...named(
    'format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch',
    constantCost,
  ),
  ...named('getScheme getHostname getHost getPort getEscapedPath getQuery', constantCost),
  [OPERATOR.equals, kubernetesEquality],
] as [string, Estimate][]);
