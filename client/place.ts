/** The words for a project in a region. */

/** A project, by id or by name. */
export interface ProjectRef {
  readonly projectId?: string;
  readonly projectName?: string;
}

/** A resolved project in a region: the home of one tracker. */
export interface Place {
  readonly region: string;
  readonly projectId: string;
}

/** A place as a user names it; the connection fills in omitted parts. */
export interface PlaceRef extends ProjectRef {
  readonly region?: string;
}

/** The fields of a {@link PlaceRef} with other values: outputs of a program, or values that are not known yet. */
export type PlaceFields<Value> = { readonly [Field in keyof PlaceRef]?: Value | undefined };
