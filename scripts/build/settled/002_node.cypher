CREATE (:Rehearsal);
