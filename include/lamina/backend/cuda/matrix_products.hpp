// SPDX-License-Identifier: MIT
#pragma once
// Matrix products by cuBLASLt. What it needs to know of a product is worked out once.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>

#include "lamina/backend/cuda/context.hpp"
#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

namespace cuda_calls {

/// A product as cuBLASLt is told of it. They are kept as long as the program runs.
struct MatrixDescriptors {
  cublasLtMatmulDesc_t operation;
  cublasLtMatrixLayout_t a, b, c;
};

inline cublasLtMatrixLayout_t describe_matrix(cudaDataType type, std::size_t rows,
                                              std::size_t columns, std::size_t leading) {
  cublasLtMatrixLayout_t result = nullptr;
  check(
      cublasLtMatrixLayoutCreate(&result, type, rows, columns, static_cast<std::int64_t>(leading)),
      "cublasLtMatrixLayoutCreate");
  return result;
}

template <class Value>
void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, Value value) {
  check(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
}
template <class Value>
void set(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute,
         Value value) {
  check(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
        "cublasLtMatmulPreferenceSetAttribute");
}

inline MatrixDescriptors describe(const MatrixProduct& p, CudaMath math) {
  const cudaDataType factors = math == CudaMath::bf16 ? CUDA_R_16BF : CUDA_R_32F;
  MatrixDescriptors result{nullptr,
                           p.transpose_a ? describe_matrix(factors, p.inner, p.rows, p.lda)
                                         : describe_matrix(factors, p.rows, p.inner, p.lda),
                           p.transpose_b ? describe_matrix(factors, p.columns, p.inner, p.ldb)
                                         : describe_matrix(factors, p.inner, p.columns, p.ldb),
                           describe_matrix(CUDA_R_32F, p.rows, p.columns, p.ldc)};
  check(cublasLtMatmulDescCreate(
            &result.operation,
            math == CudaMath::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  set(result.operation, CUBLASLT_MATMUL_DESC_TRANSA, p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(result.operation, CUBLASLT_MATMUL_DESC_TRANSB, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  return result;
}

/// What an algorithm may use: so much memory, and matrices that begin at multiples of so many bytes.
inline cublasLtMatmulPreference_t preference(std::size_t workspace,
                                             const std::array<std::uint32_t, 3>& alignments) {
  cublasLtMatmulPreference_t result = nullptr;
  check(cublasLtMatmulPreferenceCreate(&result), "cublasLtMatmulPreferenceCreate");
  set(result, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace);
  // Of the ways to add up split sums, only the one whose order is fixed.
  set(result, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
      std::uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE});
  set(result, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignments[0]);
  set(result, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignments[1]);
  set(result, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignments[2]);
  set(result, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignments[2]);
  return result;
}

}  // namespace cuda_calls

class MatrixProducts {
 public:
  /// This thread's device's.
  static MatrixProducts& get() {
    MatrixProducts*& products = CudaContext::get().matrix_products;
    if (products == nullptr) products = new MatrixProducts;
    return *products;
  }

  /// Of matrices of float32, or of bfloat16 where `math` is; c is of float32.
  void multiply(const MatrixProduct& product, CudaMath math, const void* a, const void* b,
                float* c) {
    CudaContext& context = CudaContext::get();
    const Key key{product, math, {alignment(a), alignment(b), alignment(c)}};
    auto found = plans_.find(key);
    if (found == plans_.end()) found = plans_.emplace(key, plan_of(key)).first;
    const Plan& plan = found->second;
    const float one = 1.0F, beta = product.accumulate ? 1.0F : 0.0F;
    cuda_calls::check(
        cublasLtMatmul(handle_, plan.operation, &one, a, plan.a, b, plan.b, &beta, c, plan.c, c,
                       plan.c, &plan.algorithm, context.workspace(most_workspace), most_workspace,
                       context.stream()),
        "cublasLtMatmul");
  }

 private:
  static constexpr std::size_t most_workspace = std::size_t{32} << 20;

  /// A batch may begin anywhere in a larger one.
  struct Key {
    MatrixProduct product;
    CudaMath math;
    std::array<std::uint32_t, 3> alignments;
    friend constexpr auto operator<=>(const Key&, const Key&) = default;
  };
  struct Plan : cuda_calls::MatrixDescriptors {
    cublasLtMatmulAlgo_t algorithm;
  };

  MatrixProducts() { cuda_calls::check(cublasLtCreate(&handle_), "cublasLtCreate"); }

  static std::uint32_t alignment(const void* memory) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    return std::uint32_t{1} << (std::min)(std::countr_zero(address), 8);
  }

  Plan plan_of(const Key& key) const {
    Plan plan{cuda_calls::describe(key.product, key.math), {}};
    const cublasLtMatmulPreference_t preference =
        cuda_calls::preference(most_workspace, key.alignments);
    cublasLtMatmulHeuristicResult_t best{};
    int found = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
        handle_, plan.operation, plan.a, plan.b, plan.c, plan.c, preference, 1, &best, &found);
    cublasLtMatmulPreferenceDestroy(preference);
    cuda_calls::check(status, "cublasLtMatmulAlgoGetHeuristic");
    cuda_calls::check(found > 0 ? best.state : CUBLAS_STATUS_NOT_SUPPORTED,
                      "cublasLtMatmulAlgoGetHeuristic");
    plan.algorithm = best.algo;
    return plan;
  }

  cublasLtHandle_t handle_ = nullptr;
  std::map<Key, Plan> plans_;
};

}  // namespace lamina::inline LAMINA_ISA
