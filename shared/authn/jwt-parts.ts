/** Header, claims and signature of a JWT as they are written; undefined of what has not three parts, however long it is. */
export function jwtParts(
  token: string,
): readonly [header: string, claims: string, signature: string] | undefined {
  const [header, claims, signature, ...more] = token.split('.', 4);
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    return undefined;
  return [header, claims, signature];
}
