/**
 * Notes about objects of other code, as in a WeakMap, and as invisible to it.
 *
 * Every request makes new objects to take note of, and an entry of a WeakMap for each would cost more than all else that
 * is done for the request here, most of it in the garbage collector. So the note is a private field of the object itself.
 */

/** A constructor may return another object, and the fields of a subclass are then added to that one. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/** The first of the notes about an object; each points to the next. Mostly there is one. */
class First extends Given {
  #note: Note;

  private constructor(object: object, note: Note) {
    super(object);
    this.#note = note;
  }

  static of(object: object): Note | undefined {
    return #note in object ? object.#note : undefined;
  }

  static add(object: object, note: Note): void {
    new First(object, note);
  }
}

interface Note {
  readonly owner: object;
  value: unknown;
  next: Note | undefined;
}

export class Notes<T> {
  /** Of objects that may get no more fields. */
  private readonly rigid = new WeakMap<object, T>();

  get(object: object): T | undefined {
    const note = this.find(object);
    return note === undefined ? this.rigid.get(object) : (note.value as T | undefined);
  }

  set(object: object, value: T): void {
    const note = this.find(object);
    if (note !== undefined) note.value = value;
    else if (!Object.isExtensible(object)) this.rigid.set(object, value);
    else {
      const first = First.of(object);
      if (first === undefined) First.add(object, { owner: this, value, next: undefined });
      else first.next = { owner: this, value, next: first.next };
    }
  }

  delete(object: object): void {
    const note = this.find(object);
    if (note !== undefined) note.value = undefined;
    this.rigid.delete(object);
  }

  private find(object: object): Note | undefined {
    let note = First.of(object);
    while (note !== undefined && note.owner !== this) note = note.next;
    return note;
  }
}
