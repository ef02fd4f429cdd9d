/** Promises for frameworks that give callbacks. */

export type Callback<T> = (error: unknown, value?: T) => void;

/**
 * Hands the outcome to the callback; without a callback returns the promise.
 *
 * The callback runs outside of the promise, so that an exception of the application is not swallowed as a rejection.
 */
export function answer<T>(outcome: Promise<T>, callback: Callback<T> | undefined): Promise<T> | undefined {
  if (callback === undefined) return outcome;
  outcome.then(
    (value) => {
      process.nextTick(callback, null, value);
    },
    (error: unknown) => {
      process.nextTick(callback, error);
    },
  );
  return undefined;
}
