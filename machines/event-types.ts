/** The closed list of a machine's event types: a record, so that none can be missing and none be too many. */
export const listEventTypes = <Event extends { readonly type: string }>(
  types: Readonly<Record<Event['type'], true>>,
) => Object.keys(types) as readonly Event['type'][];
