// express-session's own store: JSON in the process. No other store can be faster, since it asks no server.
import { regenerate, serve } from "./shop.js";

serve(undefined, regenerate);
