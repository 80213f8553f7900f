// Next looks for this file in the folders above too, and would find the product's, which asks for a database.
export function register() {}
