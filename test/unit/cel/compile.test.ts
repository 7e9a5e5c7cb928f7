import { expect, test } from 'vitest';
import { activationOf, CelEnvironment, CompileError, evaluate } from '../../../shared/cel/environment.ts';
import { CelError, CostLimitExceeded } from '../../../shared/cel/error.ts';
import { jsonValue, valueToJSON } from '../../../shared/cel/json-value.ts';
import { DYN, INT, listType, STRING } from '../../../shared/cel/type.ts';

const environment = new CelEnvironment({
  variables: { object: DYN, name: STRING, count: INT, names: listType(STRING) },
});

const START =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Expected tokens after `[` or `{`, closed by `end`. */
const elementStart = (end: string) =>
  START.replace(end === ']' ? "'[', " : "'{', ", `$&'${end}', `)
    .replace("'.', ", "$&',', ")
    .replace("'!', ", "$&'?', ");

const GO_DOUBLES = ['1e+06', '999999.5', '1.23456789123e+08', '1e+20', '0.0001', '1e-05', '-0', '100'];

test.each([
  ['name +', 1, 7, `Syntax error: mismatched input '<EOF>' expecting ${START}`],
  ['*name', 1, 1, `Syntax error: extraneous input '*' expecting ${START}`],
  ['size(', 1, 6, `Syntax error: mismatched input '<EOF>' expecting ${START.replace("'(', ", "$&')', ")}`],
  ['names[', 1, 7, `Syntax error: mismatched input '<EOF>' expecting ${START.replace("'!', ", "$&'?', ")}`],
  ['[', 1, 2, `Syntax error: mismatched input '<EOF>' expecting ${elementStart(']')}`],
  ['{)', 1, 2, `Syntax error: mismatched input ')' expecting ${elementStart('}')}`],
  ['[1 2]', 1, 4, "Syntax error: extraneous input '2' expecting {']', ','}"],
  ['[,1]', 1, 3, "Syntax error: extraneous input '1' expecting ']'"],
  ['[1,', 1, 4, "Syntax error: missing ']' at '<EOF>'"],
  ['size(1 2)', 1, 8, "Syntax error: extraneous input '2' expecting ')'"],
  ['names.all(x, x == name', 1, 23, "Syntax error: missing ')' at '<EOF>'"],
  ['((1', 1, 4, "Syntax error: mismatched input '<EOF>' expecting ')'"],
  ['{(1: 2}', 1, 4, "Syntax error: missing ')' at ':'"],
  ['true ? (1 : 2', 1, 11, "Syntax error: missing ')' at ':'"],
  ['size(names[1)', 1, 13, "Syntax error: missing ']' at ')'"],
  ['name name', 1, 6, "Syntax error: extraneous input 'name' expecting <EOF>"],
  ['[1, == 1', 1, 5, "Syntax error: missing ']' at '=='"],
  ['[1, == ]', 1, 5, "Syntax error: extraneous input '==' expecting ']'"],
  ['name. == 1', 1, 7, "Syntax error: no viable alternative at input '. =='"],
  ['int{}', 1, 4, "'int' is not a message type"],
  ['null_type{}', 1, 10, "'null_type' is not a message type"],
  ['name #', 1, 6, "Syntax error: token recognition error at: '#'"],
  ['name.true', 1, 6, "Syntax error: mismatched input 'true' expecting IDENTIFIER"],
  ['var', 1, 1, 'reserved identifier: var'],
  ['99999999999999999999', 1, 1, 'invalid int literal'],
  ['has(name)', 1, 5, 'invalid argument to has() macro'],
  ['names.all(1, true)', 1, 11, 'argument must be a simple name'],
  ['names.map(1, true)', 1, 11, 'argument is not an identifier'],
  ['unknown', 1, 1, "undeclared reference to 'unknown' (in container '')"],
  ['unknown(1)', 1, 8, "undeclared reference to 'unknown' (in container '')"],
  ['name.size(1)', 1, 10, "found no matching overload for 'size' applied to 'string.(int)'"],
  ['name +\n  count', 1, 6, "found no matching overload for '_+_' applied to '(string, int)'"],
  ['true &&\n  count', 2, 3, "expected type 'bool' but found 'int'"],
  ['name.first', 1, 5, "type 'string' does not support field selection"],
  [
    'count.all(x, true)',
    1,
    1,
    "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  ['[1, "a"]', 1, 5, "expected type 'int' but found 'string'"],
  ['duration("1x")', 1, 10, 'invalid duration argument'],
  ['"%s".format([])', 1, 12, 'index 0 out of range'],
  ['"%s".format([1, 2])', 1, 12, 'too many arguments supplied to string.format (expected 1, got 2)'],
  [
    '"%d%%".format([name])',
    1,
    16,
    'error during formatting: decimal clause can only be used on integers, was given string',
  ],
  ['"%z".format([1])', 1, 12, 'could not parse formatting clause: unrecognized formatting clause "z"'],
  ['timestamp("now")', 1, 11, 'invalid timestamp argument'],
  ['name.matches("(")', 1, 14, 'invalid matches argument'],
  ['Object{a: 1}', 1, 7, "undeclared reference to 'Object' (in container '')"],
])('%j is rejected', (source, line, column, message) => {
  let found: unknown;
  try {
    environment.compile(source);
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(CompileError);
  const snippet = source.split('\n')[line - 1]!;
  expect((found as CompileError).message).toBe(
    `ERROR: <input>:${line}:${column}: ${message}\n | ${snippet}\n | ${'.'.repeat(column - 1)}^`,
  );
});

test('every issue is reported, by position', () => {
  expect(() => environment.compile('b + a(1)')).toThrow(
    "ERROR: <input>:1:1: undeclared reference to 'b' (in container '')\n | b + a(1)\n | ^\n" +
      "ERROR: <input>:1:6: undeclared reference to 'a' (in container '')\n | b + a(1)\n | .....^",
  );
});

test('an invalid literal is found before the first evaluation', () => {
  const error = new CompileError('program', "type conversion error from 'string' to 'int'");
  expect(() => environment.compile('int("x")')).toThrow(error);
});

const OBJECT = {
  metadata: { name: 'web', labels: { app: 'web', 'a.b/c': 'd' } },
  spec: { replicas: 3, ratio: 0.5, containers: [{ image: 'a:1', ports: [80, 443] }, { image: 'b' }] },
};

test.each<[string, unknown]>([
  ['object.spec.replicas + 1', 4],
  ['object.spec.replicas > 2.5', true],
  ['object.spec.ratio * 2.0', 1],
  ['object.metadata.labels["a.b/c"]', 'd'],
  ['"app" in object.metadata.labels && !("x" in object.metadata.labels)', true],
  ['has(object.spec.template) ? 1 : 2', 2],
  ['object.?spec.template.orValue("none")', 'none'],
  ['object.spec.containers.map(c, c.image)', ['a:1', 'b']],
  ['object.spec.containers.filter(c, c.image.contains(":")).size()', 1],
  ['object.spec.containers.exists(c, c.ports.exists(p, p == 443))', true],
  ['object.metadata.labels.map(k, k)', ['app', 'a.b/c']],
  ['object.metadata.labels.transformMap(k, v, k.size() > 3, v + "!")', { 'a.b/c': 'd!' }],
  ['{"a": dyn(1), ?"b": object.?missing, ?"c": object.?spec.replicas}', { a: 1, c: 3 }],
  ['[?object.?missing, dyn(1)]', [1]],
  ['names.sort().reverse()', ['c', 'b', 'a']],
  ['names.indexOf("b")', 2],
  ['"a😀b".size() == 3 && "a😀b".substring(1, 2) == "😀"', true],
  ['"%s has %d at %.1f".format(["x", 2, 1.25])', 'x has 2 at 1.2'],
  [
    '"%.0f %.2f %f".format([2.5, 123456789.125, 1e22])',
    '2 123,456,789.12 10,000,000,000,000,000,000,000.000000',
  ],
  ['"%.1e %e %.3e".format([-1.35, 12345.678, 0.0])', '-1.350000×10⁰⁰ 1.234568×10⁰⁴ 0.000000×10⁰⁰'],
  ['"%s".format([{"b": 1.0, "a": "x"}])', '{"a":"x", "b":1.000000}'],
  ['timestamp("2024-02-29T23:30:00Z").getDate("+01:00")', 1],
  ['timestamp("2024-07-01T00:30:00Z").getHours("America/New_York")', 20],
  ['string(timestamp("2024-01-01T00:00:00.120Z") - duration("90m"))', '2023-12-31T22:30:00.12Z'],
  ['string(duration("-1.5s") + duration("0.7s"))', '-0.8s'],
  ['string(1.0e-7) + " " + string(1e30)', '1e-07 1e+30'],
  ['[1e6, 999999.5, 123456789.123, 1e20, 1e-4, 0.00001, -0.0, 100.0].map(d, string(d))', GO_DOUBLES],
  ['[1e6, 999999.5, 123456789.123, 1e20, 1e-4, 0.00001, -0.0, 100.0].map(d, "%s".format([d]))', GO_DOUBLES],
  ['string(1.0 / 0.0) + string(-1.0 / 0.0) + string(0.0 / 0.0)', '+Inf-InfNaN'],
  ['cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsCIDR("10.0.0.0/7")', true],
  ['string(cidr("10.1.2.3/8").masked()) + " " + string(ip("2001:DB8:0:0::1"))', '10.0.0.0/8 2001:db8::1'],
  ['quantity("1.5Gi").compareTo(quantity("1536Mi"))', 0],
  ['semver("1.2.3-rc.1").isLessThan(semver("1.2.3")) && semver("v1", true).major() == 1', true],
  ['url("https://a.b:80/x?q=1&q=2").getQuery()["q"]', ['1', '2']],
  ['format.dns1123Label().validate("Bad").hasValue() && !format.named("nope").hasValue()', true],
  ['"x-1 y-22".findAll("[a-z]-[0-9]+")', ['x-1', 'y-22']],
  ['object.nope == 1 || true', true],
  ['[1, 2].all(x, 1 / (x - 1) > 0 && false)', false],
])('%s', (source, expected) => {
  const activation = activationOf({
    object: jsonValue(OBJECT),
    name: 'web',
    count: 1n,
    names: jsonValue(['c', 'a', 'b']),
  });
  expect(valueToJSON(evaluate(environment.compile(source), activation).value)).toEqual(expected);
});

test.each([
  ['object.nope', 'no such key: nope'],
  ['object.spec.containers[5]', 'index out of bounds: 5'],
  ['object.spec.replicas + "x"', 'no such overload'],
  ['object.spec && true', 'no such overload'],
  ['1 / (count - 1)', 'division by zero'],
  ['9223372036854775807 + count', 'integer overflow'],
  ['optional.none().value()', 'optional.none() dereference'],
  ['object.spec.replicas.startsWith("a")', 'no such overload: startsWith(int, string)'],
  ['int(name)', "type conversion error from 'string' to 'int'"],
  [
    'ip(name)',
    'IP Address "web" parse error during conversion from string: ParseAddr("web"): unable to parse IP',
  ],
  ['cidr("10.0.0.0/8").containsIP(name)', 'no such overload'],
  [
    'cidr("10.0.0.0/8").containsCIDR(name)',
    `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("web"): no '/'`,
  ],
  [
    'quantity(name)',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
])('%s fails: %s', (source, message) => {
  const activation = activationOf({
    object: jsonValue(OBJECT),
    name: 'web',
    count: 1n,
    names: jsonValue([]),
  });
  expect(evaluate(environment.compile(source), activation).value).toEqual(new CelError(message));
});

test('an evaluation ends with its budget', () => {
  const expression = environment.compile('names.all(a, names.all(b, names.all(c, a + b != c)))');
  const names = jsonValue(Array.from({ length: 200 }, (_, i) => `n${i}`));
  const activation = activationOf({ object: null, name: '', count: 0n, names });
  expect(() => evaluate(expression, activation)).toThrow(CostLimitExceeded);
});

test('pathological patterns take linear time', () => {
  const expression = environment.compile('name.matches("^(a+)+$")');
  const activation = activationOf({ name: `${'a'.repeat(50_000)}!` });
  expect(evaluate(expression, activation).value).toBe(false);
});

test('keys of objects never resolve to prototypes', () => {
  const object = JSON.parse('{"__proto__": {"x": 1}}');
  const activation = activationOf({ object: jsonValue(object) });
  const value = (source: string) => evaluate(environment.compile(source), activation).value;
  expect(value('object["__proto__"].x')).toBe(1n);
  expect(value('object.constructor')).toEqual(new CelError('no such key: constructor'));
});

test('older releases have fewer functions', () => {
  const old = new CelEnvironment({ variables: {}, version: 27 });
  expect(() => old.compile('quantity("1")')).toThrow("undeclared reference to 'quantity'");
  expect(old.compile('"a,b".split(",").size()').type).toBe(INT);
});

test.each([
  ['"\\q" == name', `'"\\q'`],
  ['"\\x1" == name', `'"\\x1"'`],
  ["'name", "''name'"],
  ["'name\nb", "''name\\n'"],
])('%j is rejected where its text ends', (source, text) => {
  expect(() => environment.compile(source)).toThrow(
    `ERROR: <input>:1:1: Syntax error: token recognition error at: ${text}\n`,
  );
});
